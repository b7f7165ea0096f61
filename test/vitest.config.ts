import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './closing-line.ts';

/** Those that time nothing run beside each other, and before those that measure leases, answers and pages. */
const together = { maxWorkers: Math.max(2, availableParallelism() - 1), groupOrder: 0 };
const alone = { maxWorkers: 1, groupOrder: 1 };

const project = (name: string, testTimeout: number, { maxWorkers, groupOrder }: typeof alone) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    maxWorkers,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    pool: 'forks',
    env: { TZ: 'UTC' },
    reporters: ['default', new ClosingLine()],
    projects: [
      project('unit', 30_000, together),
      project('http', 30_000, alone),
      project('contract', 30_000, together),
      project('pages', 120_000, alone),
      project('reliability', 120_000, alone),
      project('pipeline', 600_000, together),
    ],
    coverage: {
      exclude: ['src/models/embedding/kernel/**'],
      include: ['src/**/*.ts'],
      thresholds: {
        'src/http/**': { lines: 90 },
        'src/jobs/**': { lines: 90 },
        'src/processes/**': { lines: 90 },
      },
    },
  },
});
