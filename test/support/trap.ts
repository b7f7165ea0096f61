/** A port of this machine that nobody may call: it counts every connection, whatever is said on it. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

export interface Trap {
  readonly port: number;
  /** First line of what each connection said. */
  readonly hits: readonly string[];
}

/** Listens at every loopback address (IPv4, and IPv6 where there is) while `use` runs. */
export async function withTrap<T>(use: (trap: Trap) => Promise<T>): Promise<T> {
  const hits: string[] = [];
  const server = createServer((socket) => {
    const at = hits.push('(nothing said)') - 1;
    socket.once('data', (bytes) => (hits[at] = bytes.toString('latin1').split('\r\n')[0] ?? ''));
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
  });
  await listen(server, '::').catch(() => listen(server, '127.0.0.1'));
  try {
    return await use({ port: (server.address() as AddressInfo).port, hits });
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}

async function listen(server: Server, host: string): Promise<void> {
  server.listen(0, host);
  await once(server, 'listening');
}
