import { createConnection } from "node:net";
import pg from "pg";

export const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });

// One command to Redis, and its answer.
export function redis(command) {
  const { hostname, port } = new URL(process.env.REDIS_URL);
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, hostname, () => socket.write(`${command}\r\n`));
    socket.on("error", reject);
    socket.on("data", (data) => {
      socket.end();
      resolve(data.toString().trim());
    });
  });
}
