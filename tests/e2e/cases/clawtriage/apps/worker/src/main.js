import { database, redis } from "@clawtriage/storage";

await database.query("insert into findings values ('from the worker')");
await redis("SET worker up");
setInterval(() => {}, 1000);
