/** What attempts need whose child does what the inputs of its job say (`scripted-child.ts`). */
import { join } from 'node:path';
import type { AttemptTools } from '../../src/jobs/attempt.ts';

type Own = 'store' | 'leases' | 'storage' | 'log' | 'scratchDirectory' | 'progressIntervalMs';

/** `isFar`: what the inputs name has to be brought first, by the same program. */
export function scriptedTools(isFar = false): Omit<AttemptTools, Own> {
  const { PATH = '', TMPDIR = '' } = process.env;
  const program = {
    file: join(import.meta.dirname, 'scripted-child.ts'),
    environment: { PATH, TMPDIR },
  };
  return {
    program,
    limits: { memoryMb: 1024, minutes: 1, graceMs: 500 },
    settings: {} as never,
    transfer: {
      program,
      settings: {} as never,
      isNeeded: async () => isFar,
      destinationOf: () => undefined,
    },
    resultsUrl: () => 'http://localhost',
    open: (_jobId, sealed) => sealed,
    retryDelaysMs: [10],
  };
}
