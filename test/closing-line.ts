import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output of a test run with one plain line of counts, which any CI system can read. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const count = (state: (typeof states)[number]) =>
      states.filter((found) => found === state).length;
    const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
    process.stdout.write(`tests: ${counts}\n`);
  }
}
