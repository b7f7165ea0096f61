/** Passes requests on as they are (signatures stay right, the name of the host included) and counts them. */
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  readonly url: string;
  readonly requests: number;
  /** Bytes of the bodies of all answers. */
  readonly bytes: number;
  forget(): void;
}

/** Stands before `target` (http://host:port) while `use` runs. */
export async function withCountingProxy<T>(
  target: string,
  use: (proxy: CountingProxy) => Promise<T>,
): Promise<T> {
  const { hostname, port } = new URL(target);
  const seen = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    const { method, url: path, headers } = request;
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      answer.on('data', (chunk: Buffer) => (seen.bytes += chunk.length));
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const own = (server.address() as AddressInfo).port;
  try {
    return await use({
      url: `http://127.0.0.1:${own}`,
      get requests() {
        return seen.requests;
      },
      get bytes() {
        return seen.bytes;
      },
      forget: () => void Object.assign(seen, { requests: 0, bytes: 0 }),
    });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}
