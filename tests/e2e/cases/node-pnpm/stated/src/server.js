// Tells which packages it has.
const { readdirSync } = require("node:fs");
const { createServer } = require("node:http");
const ms = require("ms");

const told = {
  "/packages": () => readdirSync("node_modules").filter((name) => !name.startsWith(".")),
  "/minute": () => ms("1m"),
};
createServer((request, response) => {
  response.end(JSON.stringify((told[request.url] ?? (() => "fine"))()));
}).listen(3000);
process.on("SIGTERM", () => process.exit(0));
