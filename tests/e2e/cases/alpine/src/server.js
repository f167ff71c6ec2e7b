// Tells what it was given, and what it may do with its volume.
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { userInfo } from "node:os";
import ms from "ms";

const told = {
  "/env": () => process.env,
  "/minute": () => ms("1m"),
  "/owner": () => [statSync("/data").uid, statSync("/data").gid],
  "/user": () => [userInfo().username, userInfo().homedir],
  "/visits": () => (appendFileSync("/data/visits", "x"), readFileSync("/data/visits", "utf8").length),
  "/words": () => process.argv.slice(2),
};
createServer((request, response) => {
  response.end(JSON.stringify((told[request.url] ?? (() => "fine"))()));
}).listen(8000);
process.on("SIGTERM", () => {
  console.log("api: ends");
  process.exit(0);
});
console.log("api: up");
