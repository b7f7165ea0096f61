import type { Log } from '../log.ts';
import { BossWaker } from './boss-waker.ts';
import { assertPromises, connectPostgres, postgresTrouble } from './connect-postgres.ts';
import { migrate } from './migrate.ts';
import type { Database } from './open.ts';

const mostConnections = 10;

/** Longer than any statement of ours takes, shorter than a lease. */
const longestSilenceMs = 30_000;

export interface OpenPostgres {
  readonly database: Database;
  readonly waker: BossWaker;
  close(): Promise<void>;
}

/**
 * A PostgreSQL database that keeps its promises, at the newest version, with the tables of pg-boss.
 * @throws Misconfigured when it cannot be reached or used, Unusable when it does not write durably
 */
export async function openPostgres(url: string, log: Log): Promise<OpenPostgres> {
  try {
    await prepare(url);
    const waker = await BossWaker.open(url, log);
    const database = connectPostgres(url, {
      most: mostConnections,
      silenceMs: longestSilenceMs,
    });
    return {
      database,
      waker,
      async close() {
        await waker.close();
        await database.destroy();
      },
    };
  } catch (error) {
    throw postgresTrouble(error, url);
  }
}

/** A migration of many jobs may be silent for long. */
async function prepare(url: string): Promise<void> {
  const database = connectPostgres(url, { most: 2 });
  try {
    await assertPromises(database);
    await migrate(database);
  } finally {
    await database.destroy();
  }
}
