import { database } from "./index.js";

await database.query("create table if not exists findings (title text)");
await database.end();
