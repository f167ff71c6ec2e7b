// Tells what its own packages say, and what the other services tell.
import { createServer } from "node:http";
import { told } from "@hello/core";

const others = { "/uv": process.env.UV_URL, "/pip": process.env.PIP_URL };
createServer(async (request, response) => {
  const other = others[request.url];
  response.end(other ? await (await fetch(`${other}/told`)).text() : JSON.stringify(told));
}).listen(3000);
process.on("SIGTERM", () => process.exit(0));
