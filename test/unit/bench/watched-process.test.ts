import { platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { runWatched } from '../../../scripts/bench/watched-process.ts';

const MB = 1e6;

/** A program that holds so many megabytes for a while and then says so. */
function holding(megabytes: number): string[] {
  return [
    '-e',
    `const held = Buffer.alloc(${megabytes}e6, 1);
     setTimeout(() => process.stdout.write('held ' + held.length), 1000);`,
  ];
}

describe.runIf(platform === 'linux')('runWatched', () => {
  it('tells what a program said and what it cost', async () => {
    const outcome = await runWatched({ args: holding(100), limitBytes: 1000 * MB });
    expect(outcome.stdout).toBe('held 100000000');
    expect(outcome.peakBytes).toBeGreaterThan(100 * MB);
    expect(outcome.peakBytes).toBeLessThan(1000 * MB);
    expect(outcome.cpuSeconds).toBeGreaterThan(0);
    expect(outcome.wallSeconds).toBeGreaterThan(1);
  });

  it('kills a program above its limit', async () => {
    const hungry = runWatched({ args: holding(300), limitBytes: 200 * MB });
    await expect(hungry).rejects.toThrow(/was killed: \d+ MiB of memory, above the limit of 191/);
  });

  it('fails with a program that fails', async () => {
    const failing = runWatched({ args: ['-e', 'process.exit(3)'], limitBytes: 1000 * MB });
    await expect(failing).rejects.toThrow('ended with 3');
  });
});
