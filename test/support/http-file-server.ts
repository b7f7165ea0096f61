/** A small server of one file that behaves as badly as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with one request; the default is to send the file, or the rest that is asked for. */
export type Behaviour =
  | { readonly kind: 'send' }
  /** Ends the connection after some bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Sends some bytes and then nothing. */
  | { readonly kind: 'stall'; readonly after: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'redirect'; readonly to: string };

export interface FileServerOptions {
  /** One for each request in order; then the last again. */
  readonly behaviours?: readonly Behaviour[];
  readonly ignoresRanges?: boolean;
  readonly hidesSize?: boolean;
  readonly etag?: () => string;
}

export interface FileServer {
  readonly url: string;
  /** `Range` and `If-Range` of each request. */
  readonly asked: { readonly range: string | undefined; readonly ifRange: string | undefined }[];
}

/** Serves `content` under every path while `use` runs. */
export async function withFileServer<T>(
  content: Uint8Array,
  options: FileServerOptions,
  use: (server: FileServer) => Promise<T>,
): Promise<T> {
  const asked: FileServer['asked'] = [];
  const server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers;
    const behaviours = options.behaviours ?? [];
    const behaviour = behaviours[asked.length] ?? behaviours.at(-1) ?? { kind: 'send' };
    asked.push({ range, ifRange: typeof ifRange === 'string' ? ifRange : undefined });
    answer({ request, response, content, options }, behaviour);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ url: `http://127.0.0.1:${port}/weights.pt`, asked });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly content: Uint8Array;
  readonly options: FileServerOptions;
}

function answer(exchange: Exchange, behaviour: Behaviour): void {
  const { response } = exchange;
  switch (behaviour.kind) {
    case 'status':
      response.writeHead(behaviour.status, behaviour.headers).end('no');
      return;
    case 'redirect':
      response.writeHead(302, { Location: behaviour.to }).end();
      return;
    case 'send':
      response.end(head(exchange));
      return;
    case 'cut':
      response.write(head(exchange).subarray(0, behaviour.after), () =>
        // Let it arrive before the connection goes, also on a busy machine.
        setTimeout(() => response.socket?.end(), 60),
      );
      return;
    case 'stall':
      response.write(head(exchange).subarray(0, behaviour.after));
  }
}

/** Sends the headers and says what the body is. */
function head({ request, response, content, options }: Exchange): Uint8Array {
  const etag = options.etag?.() ?? '"v1"';
  response.setHeader('ETag', etag);
  const start = rangeStart(request, etag, options);
  const body = content.subarray(start);
  if (start > content.length - 1) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` });
    return Buffer.alloc(0);
  }
  if (options.hidesSize !== true) response.setHeader('Content-Length', body.length);
  if (start === 0) {
    response.writeHead(200);
  } else {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { 'Content-Range': range });
  }
  return body;
}

function rangeStart(request: IncomingMessage, etag: string, options: FileServerOptions): number {
  if (options.ignoresRanges === true || request.headers['if-range'] !== etag) return 0;
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}
