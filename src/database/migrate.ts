import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import * as jobs from '../../migrations/0001-jobs.ts';
import * as jobHistory from '../../migrations/0002-job-history.ts';
import * as leases from '../../migrations/0003-leases.ts';
import * as manyProcesses from '../../migrations/0004-many-processes.ts';
import * as owners from '../../migrations/0005-owners.ts';
import * as fairQueue from '../../migrations/0006-fair-queue.ts';
import { isPostgres } from './postgres-client.ts';

type Migration = readonly [name: string, code: Knex.Migration];

/** In order; never edited once released. */
const migrations: readonly Migration[] = [
  ['0001-jobs', jobs],
  ['0002-job-history', jobHistory],
  ['0003-leases', leases],
  ['0004-many-processes', manyProcesses],
  ['0005-owners', owners],
  ['0006-fair-queue', fairQueue],
];

const source: Knex.MigrationSource<Migration> = {
  getMigrations: async () => [...migrations],
  getMigrationName: ([name]) => name,
  getMigration: async ([, code]) => code,
};

const triesMs = [50, 100, 200, 400, 800, 1600, 3200];

/** Any number that nobody else takes for a lock in this database. */
const migrationLock = 5_837_104_226;

/**
 * Brings the database to the newest version. Two at once are fine: one works, the other waits.
 * `isAlone`: the caller holds the data folder of a SQLite database.
 */
export async function migrate(database: Knex, { isAlone = false } = {}): Promise<void> {
  if (!isPostgres(database)) return migrateAs(database, isAlone);
  // PostgreSQL frees the lock when its holder dies.
  await database.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [migrationLock]);
    await migrateAs(database, true);
  });
}

/** Alone, a lock of knex's that is found was left by a process that was killed. */
async function migrateAs(database: Knex, isAlone: boolean): Promise<void> {
  if (isAlone && (await database.schema.hasTable('knex_migrations_lock'))) {
    await database.migrate.forceFreeMigrationsLock({ migrationSource: source });
  }
  await latest(database, triesMs);
}

async function latest(database: Knex, tries: readonly number[]): Promise<void> {
  try {
    await database.migrate.latest({ migrationSource: source });
  } catch (error) {
    const [pauseMs, ...rest] = tries;
    if (pauseMs === undefined || !isRace(error)) throw error;
    await sleep(pauseMs);
    await mendLock(database);
    await latest(database, rest);
  }
}

/**
 * Two that create knex's table of locks at once leave two rows in it, of which knex then waits for one for ever. With two
 * rows nobody can be migrating: one of them may go.
 */
async function mendLock(database: Knex): Promise<void> {
  if (!(await database.schema.hasTable('knex_migrations_lock'))) return;
  const locks = (): Knex.QueryBuilder => database('knex_migrations_lock');
  const indexes: number[] = await locks().orderBy('index').pluck('index');
  const [first, ...more] = indexes;
  // Of several that mend, the one that finds something to remove opens the lock.
  if (more.length === 0 || (await locks().whereIn('index', more).delete()) === 0) return;
  await locks().where({ index: first }).update({ is_locked: 0 });
}

/** True for what the slower of two migrations sees. */
function isRace(error: unknown): boolean {
  const text = error instanceof Error ? `${error.name} ${error.message}` : '';
  return /lock|SQLITE_BUSY|already exists|UNIQUE constraint/i.test(text);
}
