/** What a process tells operators: its figures, and the port for them. The same for servers and workers. */
import type { Config } from './config/config.ts';
import { serveOperations, type Operations } from './http/operations.ts';
import { Metrics } from './metrics/metrics.ts';
import { version } from './version.ts';

/** Figures of this process, under its version. */
export function createMetrics(now: () => Date): Metrics {
  return new Metrics(version, now);
}

/** Answers at METRICS_PORT; nothing where there is none. @throws Misconfigured when the port cannot be had */
export async function openOperations(
  { host, metricsPort: port }: Config,
  metrics: Metrics,
  isReady: () => Promise<boolean>,
): Promise<Operations | undefined> {
  if (port === undefined) return undefined;
  return serveOperations({ host, port }, metrics, isReady);
}
