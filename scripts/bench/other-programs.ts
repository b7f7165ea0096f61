/** What else kept the machine busy while something was measured. */
import os from 'node:os';
import { cpuUsage } from 'node:process';
import type { Note } from './findings.ts';

/**
 * Runs `work` and says how many cores other programs used meanwhile, on average.
 * @param ofChildren CPU seconds of programs that `work` started, which do not count as others
 */
export async function besideOthers<T>(
  work: () => Promise<T>,
  ofChildren: (result: T) => number = () => 0,
): Promise<{ readonly result: T; readonly note: Note }> {
  const own = cpuUsage();
  const [busy, started] = [busySeconds(), performance.now()];
  const result = await work();
  const { user, system } = cpuUsage(own);
  const wallSeconds = (performance.now() - started) / 1000;
  const others = busySeconds() - busy - (user + system) / 1e6 - ofChildren(result);
  const cores = (Math.max(0, others) / wallSeconds).toFixed(1);
  const value = `${cores} of ${os.cpus().length} cores on average`;
  return { result, note: { name: 'used by other programs meanwhile', value } };
}

/** Of all cores, since the machine started. */
function busySeconds(): number {
  return os
    .cpus()
    .reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0);
}
