/** Passes requests on as they are (signatures stay right, the name of the host included) and counts them. */
import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  readonly url: string;
  readonly requests: number;
  /** Bytes of the bodies of all answers. */
  readonly bytes: number;
  forget(): void;
}

/** What the server has answered, and where it goes. */
export interface Passing {
  readonly request: IncomingMessage;
  readonly answer: IncomingMessage;
  readonly response: ServerResponse;
}

/** Damages an answer on its way: sends another in its place, or changes its headers; returns whether it has sent one. */
export type Tamper = (passing: Passing) => boolean;

/** Stands before `target` (http://host:port) while `use` runs. */
export async function withCountingProxy<T>(
  target: string,
  use: (proxy: CountingProxy) => Promise<T>,
  tamper: Tamper = () => false,
): Promise<T> {
  const { hostname, port } = new URL(target);
  const seen = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    const { method, url: path, headers } = request;
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      answer.on('data', (chunk: Buffer) => (seen.bytes += chunk.length));
      if (tamper({ request, answer, response })) return;
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
