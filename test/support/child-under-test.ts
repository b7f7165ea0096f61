/** Programs of tests as children of jobs. */
import { join } from 'node:path';
import type { ChildProgram, Launcher } from '../../src/jobs/child-handle.ts';
import { ChildRun, type RunLimits } from '../../src/jobs/child-run.ts';
import type { Inputs } from '../../src/processes/process.ts';

/** `test/support/<name>.ts`. */
export function testProgram(name: string, launcher: Launcher = []): ChildProgram {
  const environment = { PATH: process.env['PATH'] ?? '' };
  return { file: join(import.meta.dirname, `${name}.ts`), environment, launcher };
}

export interface TestRun {
  readonly launcher?: Launcher;
  readonly limits?: Partial<RunLimits>;
  readonly inputs?: Inputs;
  readonly directory?: string;
  readonly progress?: (percent: number, message: string) => void;
}

/** Starts a program with an order to run. */
export function startChild(name: string, run: TestRun = {}): ChildRun {
  const { launcher, limits, inputs = {}, directory = '/', progress = () => undefined } = run;
  const order = {
    kind: 'run' as const,
    processId: 'x',
    inputs,
    brought: {},
    directory,
    resultsUrl: '',
    outputs: [],
    settings: {} as never,
  };
  return new ChildRun(
    testProgram(name, launcher),
    order,
    { memoryMb: 256, minutes: 1, graceMs: 500, ...limits },
    { progress, warn: () => undefined, said: () => undefined },
  );
}
