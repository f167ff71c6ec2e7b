// Needs what only the build has.
require("picocolors");
require("node:fs").cpSync("src", "dist", { recursive: true });
