// Needs what only the build has.
import { cpSync } from "node:fs";
import "picocolors";

cpSync("src", "dist", { recursive: true });
