/** Measures work by the CPU seconds of the whole process: on a shared machine they say more than the clock. */
import { cpuUsage } from 'node:process';

export interface Cost {
  /** Of all threads of the process. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export type Work = () => Promise<void> | void;

/** What one run of `work` costs. */
export async function measure(work: Work): Promise<Cost> {
  const before = cpuUsage();
  const started = performance.now();
  await work();
  const wallSeconds = (performance.now() - started) / 1000;
  const { user, system } = cpuUsage(before);
  return { cpuSeconds: (user + system) / 1e6, wallSeconds };
}

/**
 * Median costs of several ways to do the same. The ways take turns, so that what else happens on the machine meets
 * all of them; one round beforehand warms them up.
 */
export async function measureInTurns<Name extends string>(
  ways: Readonly<Record<Name, Work>>,
  rounds: number,
): Promise<Record<Name, Cost>> {
  const names = Object.keys(ways) as Name[];
  const costs = new Map<Name, Cost[]>(names.map((name) => [name, []]));
  for (const name of names) await ways[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) costs.get(name)?.push(await measure(ways[name]));
  }
  const entries = names.map((name) => [name, medianCost(costs.get(name) ?? [])] as const);
  return Object.fromEntries(entries) as Record<Name, Cost>;
}

/** The medians of both figures, each by itself. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
    wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
  };
}

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const lower = sorted.length % 2 === 0 ? upper - 1 : upper;
  return ((sorted[lower] ?? NaN) + (sorted[upper] ?? NaN)) / 2;
}
