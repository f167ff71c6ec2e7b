import { mkdirSync, writeFileSync } from "node:fs";
import "picocolors";

mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.html", "<!doctype html><title>ClawTriage</title>");
