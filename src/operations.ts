/** What a process tells operators: its figures, and the port for them. The same for servers and workers. */
import type { Config } from './config/config.ts';
import { serveOperations, type Operations } from './http/operations.ts';
import { Metrics } from './metrics/metrics.ts';
import { version } from './version.ts';

/** Nothing where the operator wants no figures: then nothing is counted. */
export function createMetrics(
  { metricsPort }: Config,
  now: () => Date,
): { readonly metrics?: Metrics } {
  return metricsPort === undefined ? {} : { metrics: new Metrics(version, now) };
}

/** Answers at METRICS_PORT; nothing where there is none. @throws Misconfigured when the port cannot be had */
export async function openOperations(
  { host, metricsPort: port }: Config,
  metrics: Metrics | undefined,
  isReady: () => Promise<boolean>,
): Promise<Operations | undefined> {
  if (metrics === undefined || port === undefined) return undefined;
  return serveOperations({ host, port }, metrics, isReady);
}
