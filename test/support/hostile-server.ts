/** Servers on this machine that answer whatever a test wants, and count who comes. */
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { createServer as createRaw, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Certificate } from './certificate.ts';

export interface LocalServer {
  readonly port: number;
  /** `http://127.0.0.1:port`, or https. */
  readonly origin: string;
  /** One for each connection. */
  readonly connections: { readonly hits: number };
}

/** Runs `use` with a server of HTTP; with a certificate of HTTPS. */
export function withServer<T>(
  listener: RequestListener,
  use: (server: LocalServer) => Promise<T>,
  certificate?: Certificate,
): Promise<T> {
  const server =
    certificate === undefined ? createPlain(listener) : createSecure({ ...certificate }, listener);
  return listening(server, certificate === undefined ? 'http' : 'https', use);
}

/** Runs `use` with a server that sends what it likes, and need not speak HTTP. */
export function withSocketServer<T>(
  connected: (socket: Socket) => void,
  use: (server: LocalServer) => Promise<T>,
): Promise<T> {
  return listening(createRaw(connected), 'http', use);
}

async function listening<T>(
  server: Server,
  scheme: string,
  use: (server: LocalServer) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  const connections = { hits: 0 };
  server.on('connection', (socket) => {
    connections.hits++;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ port, origin: `${scheme}://127.0.0.1:${port}`, connections });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  }
}
