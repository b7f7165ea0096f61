/** An attempt whose product lies elsewhere: the transfer child first, then the run. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.ts';
import { AttemptRig } from '../support/attempt-rig.ts';

let rig: AttemptRig;
beforeEach(async () => {
  rig = await AttemptRig.open();
});
afterEach(() => rig.close());

const run = async (script: object): Promise<Job | undefined> =>
  rig.jobAfter(await rig.attempt(script, ['a'], rig.tools(true)));

describe('an attempt with a transfer', () => {
  it('brings first what lies elsewhere, hands its folder to the run, and removes it', async () => {
    const script = {
      brings: { product: 'inner' },
      tellBrought: true,
      outputs: { a: { kind: 'value', value: 1 } },
    };
    const done = await run(script);
    expect(done?.failure?.message).toMatch(/^product: \/.*\/brought\/inner \(B02\)$/);
    expect(done?.progress).toBeGreaterThanOrEqual(25);
  });

  it('fails with the reason of the transfer, and does not run then', async () => {
    const script = { failsToBring: 'no such host', outputs: { a: { kind: 'value', value: 1 } } };
    const done = await run(script);
    expect(done?.failure).toEqual({ kind: 'transfer-failed', message: 'no such host' });
  });

  it.each(['../elsewhere', '/etc', 'missing'])(
    'takes no folder outside what was brought: %s',
    async (path) => {
      const script = { brings: { product: 'inner' }, says: path, outputs: {} };
      const done = await run(script);
      expect(done).toMatchObject({ status: 'running', message: expect.stringContaining('again') });
    },
  );

  it('ends a transfer under way when it is cancelled, and leaves nothing', async () => {
    const script = { brings: { product: 'inner' }, waitMs: 60_000 };
    const one = await rig.attempt(script, ['a'], rig.tools(true));
    setTimeout(() => one.cancel(), 300);
    expect(await rig.jobAfter(one)).toMatchObject({ status: 'running' });
  });
});
