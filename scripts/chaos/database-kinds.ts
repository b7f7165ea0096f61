/** The ways to strike at PostgreSQL. It comes back with what it kept, at the same address. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '../../test/support/postgres-server.ts';
import type { Chance } from './chance.ts';
import type { Member } from './fleet.ts';
import type { Kind } from './strikes.ts';
import { zombieTime, type SupervisorScene } from './supervisor-kinds.ts';

export interface DatabaseScene extends Pick<SupervisorScene, 'chance' | 'zombieMs'> {
  readonly title: string;
  readonly postgres: PostgresServer;
  /** Whose jobs run meanwhile. */
  readonly members: readonly Member[];
  /** Resolves when it is time: something has to get done between two strikes. */
  readonly calm: () => Promise<void>;
}

type DatabaseKind = Kind<DatabaseScene>;

const longestCalmMs = 2000;
const longestAbsenceMs = 2500;

export const databaseKinds: readonly DatabaseKind[] = [
  kind('kill -9 of its first process, restart', 1, async ({ postgres, chance }) => {
    await postgres.halt('killed');
    await comeBack(postgres, chance);
  }),
  kind('kill -9 of all its processes, restart', 1, async ({ postgres, chance }) => {
    for (const pid of postgres.processes().toReversed()) signal(pid, 'SIGKILL');
    await postgres.halt('killed');
    await comeBack(postgres, chance);
  }),
  kind('kill -9 of one of its processes', 1, async ({ postgres, chance }) => {
    signal(chance.pick(postgres.processes().slice(1)), 'SIGKILL');
  }),
  kind('immediate stop, restart', 0, async ({ postgres, chance }) => {
    await postgres.halt('immediate');
    await comeBack(postgres, chance);
  }),
  kind('fast stop, restart', 0, async ({ postgres, chance }) => {
    await postgres.halt('fast');
    await comeBack(postgres, chance);
  }),
  kind('pg_terminate_backend of every connection', 0, async ({ postgres }) => {
    await postgres.run(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and application_name = 'senseiv2-cloudmask'`,
    );
  }),
  kind('SIGSTOP for longer than a lease, SIGCONT', 0, async (scene) => {
    const stopped = scene.postgres.processes();
    for (const pid of stopped) signal(pid, 'SIGSTOP');
    await sleep(zombieTime(scene));
    for (const pid of stopped) signal(pid, 'SIGCONT');
  }),
];

function kind(
  name: string,
  kills: number,
  act: (scene: DatabaseScene) => Promise<void>,
): DatabaseKind {
  return {
    name,
    kills,
    strike: async (scene) => {
      await scene.calm();
      await sleep(scene.chance.integer(0, longestCalmMs));
      const met = scene.members.flatMap(({ jobIds }) => jobIds);
      await act(scene);
      return met;
    },
  };
}

async function comeBack(postgres: PostgresServer, chance: Chance): Promise<void> {
  await sleep(chance.integer(0, longestAbsenceMs));
  await postgres.resume();
}

/** One that is gone needs no signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
