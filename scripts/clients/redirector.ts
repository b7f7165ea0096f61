/** A server that sends everybody on, as a stable link to a result does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Redirector {
  readonly url: string;
  close(): void;
}

/** Answers any path with `?to=<address>` by a redirect to the address, and everything else with 404. */
export async function startRedirector(): Promise<Redirector> {
  const server = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://localhost').searchParams.get('to');
    response.writeHead(to === null ? 404 : 302, {
      'Content-Length': 0,
      ...(to !== null && { Location: to }),
    });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
