// Tells which packages it has.
import { minute } from "@e2e/core";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import mime from "mime";

const told = {
  "/packages": () => readdirSync("apps/api/node_modules").filter((name) => !name.startsWith(".")),
  "/type": () => mime.getType("a.html"),
  "/minute": () => minute,
};
createServer((request, response) => {
  response.end(JSON.stringify((told[request.url] ?? (() => "fine"))()));
}).listen(3000);
process.on("SIGTERM", () => process.exit(0));
