/** A port for what is killed and comes back at the same one. */
import { createServer } from 'node:net';

/** Below those that systems give to connections: while nobody listens there, it stays free. */
const range = { from: 15_000, to: 32_000 };
const mostTries = 100;

/** @throws Error when none is found */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (await isFree(port)) return port;
  }
  throw new Error('There is no free port.');
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
