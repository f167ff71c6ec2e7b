// Tells what it was given.
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import ms from "ms";

const told = {
  "/env": () => process.env,
  "/flavour": () => readFileSync("dist/flavour", "utf8"),
  "/packages": () => readdirSync("node_modules").filter((name) => !name.startsWith(".")),
  "/minute": () => ms("1m"),
};
createServer((request, response) => {
  response.end(JSON.stringify((told[request.url] ?? (() => "fine"))()));
}).listen(3000);
process.on("SIGINT", () => process.exit(0));
