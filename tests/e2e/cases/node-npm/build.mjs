// Needs what only the build has: a package, a secret and an argument.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import "picocolors";

const token = process.env.BUILD_TOKEN;
if (!token) throw new Error("there is no BUILD_TOKEN");
mkdirSync("dist", { recursive: true });
copyFileSync("src/server.js", "dist/server.js");
writeFileSync("dist/digest", createHash("sha256").update(token).digest("hex"));
writeFileSync("dist/flavour", process.env.FLAVOUR);
