/** The short form of `npm run chaos`. */
import { expect, it } from 'vitest';
import { killsIn, table } from '../../scripts/chaos/report.ts';
import { runChaos } from '../../scripts/chaos/run.ts';
import { serverKinds } from '../../scripts/chaos/server-kinds.ts';
import { supervisorKinds } from '../../scripts/chaos/supervisor-kinds.ts';

const kills = 40;

it.skipIf(process.platform !== 'linux')(
  'whatever is killed, each accepted job ends once, with one result or a cause, and nothing is left behind',
  { timeout: 600_000 },
  async () => {
    const { strikes, outcomes, violations } = await runChaos({
      database: 'sqlite',
      kills,
      seed: 9,
    });
    console.log(table(strikes, outcomes));
    expect(violations).toEqual([]);
    expect(killsIn(strikes)).toBeGreaterThanOrEqual(kills);
    const kinds = [
      ...serverKinds.map(({ name }) => `server: ${name}`),
      ...supervisorKinds.map(({ name }) => `supervisor: ${name}`),
    ];
    const struck = new Set(strikes.map(({ target, name }) => `${target}: ${name}`));
    expect([...struck].toSorted()).toEqual(kinds.toSorted());
    expect(new Set(outcomes.values())).toContain('successful');
  },
);
