/** The port: taken early, so that a taken one is noticed before any work, and answering from the first moment. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Misconfigured } from '../errors.ts';

export interface Listener {
  /** The real one, where 0 was asked for. */
  readonly port: number;
  /** From now on this answers. */
  serve(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Takes no more connections; resolves when those that work are done. */
  close(): Promise<void>;
  /** Ends what is left. */
  closeAll(): void;
}

/** Until `serve`, every request is answered with 503 and the advice to come again. `setting` is the one that names the port. @throws Misconfigured */
export async function listen(host: string, port: number, setting = 'PORT'): Promise<Listener> {
  const http = createServer(starting);
  const realPort = await bind(http, { host, port, setting });
  return {
    port: realPort,
    serve(handler) {
      http.off('request', starting);
      http.on('request', handler);
    },
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeIdleConnections();
      await closed;
    },
    closeAll: () => http.closeAllConnections(),
  };
}

function starting(request: IncomingMessage, response: ServerResponse): void {
  const problem = {
    status: 503,
    type: 'urn:senseiv2-cloudmask:problem:starting',
    title: 'The server is starting',
    detail: 'It will be there in a moment: ask again.',
  };
  request.resume();
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' });
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(problem));
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
}

function bind(http: Server, { host, port, setting }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const remedy =
        error.code === 'EADDRINUSE'
          ? `Stop what listens there, or set ${setting} to another one.`
          : `Check HOST and ${setting}.`;
      reject(new Misconfigured(`Cannot listen on ${host}:${port} (${error.code}). ${remedy}`));
    });
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}
