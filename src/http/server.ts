/** Routes → an Express application. /req/core/http: methods, statuses and headers as HTTP has them. */
import express, { Router, type Express, type IRoute, type Request, type Response } from 'express';
import type { Api } from './api.ts';
import { requireCaller } from './caller.ts';
import { assetRouter } from './html/assets.ts';
import { formBody, jsonOrFormBody } from './json-body.ts';
import { rateLimits, type RateLimits } from './limits/rate-limits.ts';
import { errorHandler, headers, preflight, requestLog } from './middleware.ts';
import { apiDefinition } from './openapi.ts';
import { sendFigures } from './operations.ts';
import { methodNotAllowed, noSuchResource } from './problem.ts';
import { routes, type Route } from './routes.ts';

/** Answers below the path of the public root (for a proxy that keeps it) and below `/` (for one that cuts it off). */
export function createServer(api: Api, version: string): Express {
  const server = express();
  server.disable('x-powered-by');
  server.enable('case sensitive routing');
  server.set('query parser', 'simple');
  server.set('trust proxy', api.access.trustedProxies);
  const { schemes } = api.access.authenticator;
  server.locals['definition'] = apiDefinition(routes, { root: api.links.root, version, schemes });
  server.use(requestLog(api.log, api.observeRequest), headers);
  const router = createRouter(api);
  router.use(assetRouter());
  if (api.figures !== undefined) router.get('/metrics', sendFigures(api.figures));
  // Compared with the path as it was sent, so it stays encoded; the router's own signs are plain text here.
  const prefix = new URL(api.links.root).pathname
    .replace(/\/$/, '')
    .replaceAll(/[{}()[\]+?!:*\\]/g, String.raw`\$&`);
  if (prefix !== '') server.use(prefix, router);
  server.use(router);
  server.use((request: Request) => {
    throw noSuchResource(request.path);
  });
  server.use(errorHandler(api));
  return server;
}

function createRouter(api: Api): Router {
  const router = Router({ caseSensitive: true });
  const limits = rateLimits(api.access);
  for (const path of new Set(routes.map((row) => row.path))) {
    const rows = routes.filter((row) => row.path === path);
    // One layer for each path: the router tries them one after the other.
    const place = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const row of rows) addHandler(place, row, { api, limits });
    const methods = allowedMethods(rows);
    place.options(preflight(methods));
    place.all((request: Request, response: Response) => {
      response.setHeader('Allow', methods);
      throw methodNotAllowed(request.method, methods);
    });
  }
  return router;
}

const bodyParsers = {
  none: () => [],
  form: (maxBytes: number) => [formBody(maxBytes)],
  json: jsonOrFormBody,
} as const;

interface Behind {
  readonly api: Api;
  readonly limits: RateLimits;
}

/** Who asks, how often, and only then what. */
function addHandler(place: IRoute, row: Route, { api, limits }: Behind): void {
  const before = [
    ...(row.isPublic === true ? [] : [requireCaller(api.access)]),
    ...(row.counted === 'never' ? [] : [limits.requests]),
    ...(row.counted === 'execution' ? [limits.executions] : []),
    ...bodyParsers[row.body ?? 'none'](api.maxBodyBytes),
  ];
  place[row.method](...before, (request: Request, response: Response) =>
    row.handler(api, request, response),
  );
}

function allowedMethods(rows: readonly Route[]): string {
  const methods = rows.flatMap((row) =>
    row.method === 'get' ? ['GET', 'HEAD'] : [row.method.toUpperCase()],
  );
  return [...methods, 'OPTIONS'].join(', ');
}
