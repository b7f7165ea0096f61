import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    pool: 'forks',
    env: { TZ: 'UTC' },
    projects: [
      project('unit', 30_000),
      project('http', 30_000),
      project('contract', 30_000),
      project('pages', 120_000),
      project('reliability', 120_000),
      project('pipeline', 600_000),
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
