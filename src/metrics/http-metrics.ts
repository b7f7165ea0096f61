import { Histogram, type Registry } from 'prom-client';
import type { ObservedRequest, ObserveRequest } from '../http/observed-request.ts';

/** Seconds: a status takes a millisecond, a large result minutes. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

/** Requests by route pattern and status, with their durations. Its `_count` is the number of requests. */
export function httpMetrics(registry: Registry): ObserveRequest {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Requests by method, route pattern and status code ("abandoned": the client left).',
    labelNames: ['method', 'route', 'code'],
    buckets,
    registers: [registry],
  });
  // Finding the series by its labels costs more than the count itself.
  const series = new Map<string, Histogram.Internal<'method' | 'route' | 'code'>>();
  return ({ method, route, status, durationMs }: ObservedRequest): void => {
    const code = status === undefined ? 'abandoned' : String(status);
    const key = `${method} ${route} ${code}`;
    let found = series.get(key);
    if (found === undefined) {
      found = durations.labels({ method, route, code });
      series.set(key, found);
    }
    found.observe(durationMs / 1000);
  };
}
