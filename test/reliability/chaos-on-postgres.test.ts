/** The short form of `npm run chaos -- --database postgres`. */
import { expect, it } from 'vitest';
import { databaseKinds } from '../../scripts/chaos/database-kinds.ts';
import { fleetServerKinds, fleetWorkerKinds } from '../../scripts/chaos/fleet-kinds.ts';
import { table } from '../../scripts/chaos/report.ts';
import { runChaos } from '../../scripts/chaos/run.ts';
import { postgresPrograms } from '../support/postgres-server.ts';

it.skipIf(process.platform !== 'linux' || postgresPrograms() === undefined)(
  'two servers, four workers and their PostgreSQL are killed: no job and no callback is lost, nothing is left behind',
  { timeout: 600_000 },
  async () => {
    const { strikes, outcomes, violations } = await runChaos({
      database: 'postgres',
      kills: 1,
      seed: 6,
    });
    console.log(table(strikes, outcomes));
    expect(violations).toEqual([]);
    const kinds = [
      ...fleetServerKinds.map(({ name }) => `server: ${name}`),
      ...fleetWorkerKinds.map(({ name }) => `worker: ${name}`),
      ...databaseKinds.map(({ name }) => `PostgreSQL: ${name}`),
    ];
    const struck = new Set(strikes.map(({ target, name }) => `${target}: ${name}`));
    expect([...struck].toSorted()).toEqual(kinds.toSorted());
    expect(new Set(outcomes.values())).toContain('successful');
  },
);
