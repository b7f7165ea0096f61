/**
 * What operators' programs ask of a process, on a port of its own that no user reaches: figures for Prometheus, and probes
 * for a process without a public port.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { listen } from './listen.ts';

export interface OperationsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface OperationsPlace {
  readonly host: string;
  readonly port: number;
}

export interface Operations {
  /** Where it really listens. */
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers until it is closed. `isReady` is asked for `/readyz`. @throws Misconfigured when the port cannot be had */
export async function serveOperations(
  { host, port }: OperationsPlace,
  metrics: OperationsSource,
  isReady: () => Promise<boolean>,
): Promise<Operations> {
  const listener = await listen(host, port, 'METRICS_PORT');
  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    '/metrics': async () => {
      const body = await metrics.text();
      return { status: 200, contentType: metrics.contentType, body };
    },
    '/healthz': async () => plain(200, 'ok'),
    '/readyz': async () => ((await isReady()) ? plain(200, 'ready') : plain(503, 'not ready')),
  };
  listener.serve((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
    const asked = isRead(request) ? (found?.() ?? plain(404, 'not found')) : plain(405, 'only GET');
    Promise.resolve(asked).then(
      (answer) => send(request, response, answer),
      (error: unknown) => send(request, response, plain(500, `failed: ${String(error)}`)),
    );
  });
  return {
    port: listener.port,
    async close() {
      const closed = listener.close();
      listener.closeAll();
      await closed;
    },
  };
}

/** The figures at the public port, where there is none for operators. */
export function sendFigures(metrics: OperationsSource): RequestHandler {
  return async (_request, response) => {
    const body = await metrics.text();
    response.set({ 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }).end(body);
  };
}

function plain(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  request.resume();
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}
