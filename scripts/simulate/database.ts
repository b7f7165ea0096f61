/** Where a day is simulated. */
import type { Knex } from 'knex';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import { connectSqlite } from '../../src/database/connect.ts';
import { migrate } from '../../src/database/migrate.ts';
import { PostgresServer } from '../../test/support/postgres-server.ts';

export interface Where {
  readonly isPostgres: boolean;
  readonly url: string | undefined;
}

/** Hands over an empty database at the newest version, for as long as `use` takes. */
export async function withDatabase<Value>(
  { isPostgres, url }: Where,
  use: (database: Knex) => Promise<Value>,
): Promise<Value> {
  if (!isPostgres || url !== undefined) {
    return using(
      url === undefined ? connectSqlite(':memory:') : connectPostgres(url, { most: 2 }),
      use,
    );
  }
  const server = await PostgresServer.start();
  try {
    return await using(connectPostgres(await server.createDatabase(), { most: 2 }), use);
  } finally {
    await server.stop();
  }
}

async function using<Value>(
  database: Knex,
  use: (database: Knex) => Promise<Value>,
): Promise<Value> {
  try {
    await migrate(database);
    const [found] = await database('jobs').count<{ jobs: number }[]>({ jobs: '*' });
    if (Number(found?.jobs) > 0)
      throw new Error('There are jobs in this database: a simulation needs an empty one.');
    return await use(database);
  } finally {
    await database.destroy();
  }
}
