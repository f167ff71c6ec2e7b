// Makes the file that the server adds to, or fails when it is asked to.
import { appendFileSync } from "node:fs";

if (process.env.TROUBLE === "migrate") {
  console.log("migrate: there is trouble");
  process.exit(3);
}
appendFileSync("/data/visits", "");
console.log("migrate: done");
