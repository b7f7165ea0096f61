import { setTimeout as sleep } from 'node:timers/promises';
import { Cancelled } from '../../errors.ts';
import type { Implementation, Inputs, Output, RunContext } from '../process.ts';

const outputIds = ['a', 'b', 'c', 'd', 'm'];

/**
 * Answers each output with the input of the same id, after `pause` seconds.
 * /req/core/test-process: a process with which clients can try every way to execute.
 */
export const echo: Implementation = {
  processId: 'echo',
  async run(inputs, context) {
    await pause(Number(inputs['pause'] ?? 0), context);
    return Object.fromEntries(outputIds.flatMap((id) => outputOf(id, inputs)));
  },
};

function outputOf(id: string, inputs: Inputs): [string, Output][] {
  const value = inputs[id];
  if (value === undefined) return [];
  return [[id, { kind: 'value', value, ...(id === 'b' && { mediaType: 'text/xml' }) }]];
}

/** Waits in steps of a second, so that there is progress to be seen. */
async function pause(seconds: number, context: RunContext): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) {
    context.progress(Math.floor((100 * passed) / seconds), `Pausing: ${passed} of ${seconds} s`);
    await sleep(1000, undefined, { signal: context.signal }).catch(() => {
      throw new Cancelled();
    });
  }
}
