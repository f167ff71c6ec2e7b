import { database, redis } from "@clawtriage/storage";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import mime from "mime";

const answers = {
  "/api/health": async () => [(await database.query("select 1 as one")).rows[0].one, await redis("PING")],
  "/api/findings": async () => [(await database.query("select title from findings")).rows, await redis("GET worker")],
};
createServer(async (request, response) => {
  const answer = answers[request.url];
  if (answer) {
    response.end(JSON.stringify(await answer()));
  } else {
    response.setHeader("Content-Type", mime.getType("index.html"));
    response.end(readFileSync(`${process.env.DASHBOARD_STATIC_DIR}/index.html`));
  }
}).listen(process.env.PORT);
