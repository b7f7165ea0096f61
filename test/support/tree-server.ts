/** A web server for a folder, with ranges and ETags, that remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

export interface TreeServer {
  readonly origin: string;
  /** Method and path of each request. */
  readonly asked: string[];
  /** Bytes of all bodies. */
  sent(): number;
  forget(): void;
}

export interface TreeOptions {
  /** Answers before the files do; returns whether it did. */
  readonly first?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly hasRanges?: boolean;
}

/** Serves `folder` while `use` runs. */
export async function withTreeServer<T>(
  folder: string,
  options: TreeOptions,
  use: (server: TreeServer) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  let sent = 0;
  const app = express();
  app.use((request, response, next) => {
    asked.push(`${request.method} ${request.path}`);
    const { socket } = response;
    const before = socket?.bytesWritten ?? 0;
    response.once('close', () => (sent += (socket?.bytesWritten ?? 0) - before));
    if (options.first?.(request, response) !== true) next();
  });
  app.use(express.static(folder, { acceptRanges: options.hasRanges ?? true, dotfiles: 'allow' }));
  const server = createServer(app);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({
      origin: `http://127.0.0.1:${port}`,
      asked,
      sent: () => sent,
      forget() {
        asked.length = 0;
        sent = 0;
      },
    });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}
