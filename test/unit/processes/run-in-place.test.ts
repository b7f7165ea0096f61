import { expect, it } from 'vitest';
import type { RunContext } from '../../../src/processes/process.ts';
import { runInPlace } from '../../../src/processes/run-in-place.ts';
import { withFolder } from '../../support/folder.ts';

const value = { transmissionMode: 'value' } as const;

it('runInPlace tells which outputs are wanted, and gives no others', () =>
  withFolder(async (scratchDirectory) => {
    const contexts: RunContext[] = [];
    const outputs = await runInPlace(
      {
        processId: 'x',
        run: async (_inputs, context) => {
          contexts.push(context);
          return { a: { kind: 'value', value: 1 }, b: { kind: 'value', value: 2 } };
        },
      },
      { inputs: {}, outputs: { b: value, absent: value } },
      { scratchDirectory, signal: new AbortController().signal },
    );
    expect(contexts[0]?.outputs).toEqual(['b', 'absent']);
    expect(outputs).toEqual({ b: { kind: 'value', value: 2 } });
  }));
