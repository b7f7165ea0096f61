import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as first from '../../../migrations/0001-jobs.ts';
import * as last from '../../../migrations/0004-many-processes.ts';
import { DatabaseProxy } from '../../../scripts/chaos/database-proxy.ts';
import { connectPostgres, postgresTrouble } from '../../../src/database/connect-postgres.ts';
import { migrate } from '../../../src/database/migrate.ts';
import type { Database } from '../../../src/database/open.ts';
import { openPostgres } from '../../../src/database/open-postgres.ts';
import { DatabaseUnavailable } from '../../../src/errors.ts';
import { createLog } from '../../../src/log.ts';
import { exitCodesAtOnce } from '../../support/at-once.ts';
import { postgresPrograms, PostgresServer } from '../../support/postgres-server.ts';

describe.skipIf(postgresPrograms() === undefined)('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());

  const within = async (url: string, use: (database: Database) => Promise<void>) => {
    const database = connectPostgres(url, { most: 4 });
    try {
      await use(database);
    } finally {
      await database.destroy();
    }
  };
  const open = (url: string) => openPostgres(url, createLog('silent'));

  describe('migrate', () => {
    it('works from empty, twice, and back', () =>
      server.createDatabase().then((url) =>
        within(url, async (database) => {
          await migrate(database);
          await migrate(database);
          expect(Object.keys(await database('jobs').columnInfo())).toHaveLength(26);
          await last.down(database);
          expect(await database.schema.hasTable('kept_secrets')).toBe(false);
        }),
      ));

    it('goes on from the first version, and compares texts byte by byte from then on', () =>
      server.createDatabase().then((url) =>
        within(url, async (database) => {
          await database.migrate.latest({
            migrationSource: {
              getMigrations: async () => ['0001-jobs'],
              getMigrationName: (name: string) => name,
              getMigration: async () => first,
            },
          });
          const job = {
            process_id: 'x',
            status: 'failed',
            request: '{}',
            message: '',
            updated: '',
          };
          const started = '2026-01-01T00:00:10.500Z';
          await database('jobs').insert(
            ['a', 'B', '_'].map((id) => ({ ...job, id, created: '', started, finished: started })),
          );
          await migrate(database);
          expect(
            await database('jobs').select('id', 'started_ms', 'duration_ms').orderBy('id'),
          ).toEqual(
            ['B', '_', 'a'].map((id) => ({ id, started_ms: Date.parse(started), duration_ms: 0 })),
          );
        }),
      ));

    it('works in three processes at once', async () => {
      const url = await server.createDatabase();
      const program = `
        const { connectPostgres } = await import('./src/database/connect-postgres.ts');
        const { migrate } = await import('./src/database/migrate.ts');
        const database = connectPostgres(${JSON.stringify(url)}, { most: 2 });
        await migrate(database);
        await database.destroy();`;
      expect(await exitCodesAtOnce(3, program)).toEqual([0, 0, 0]);
    });

    it('goes on after a process that was killed within a migration', () =>
      server.createDatabase().then((url) =>
        within(url, async (database) => {
          await migrate(database);
          await database('knex_migrations').where({ name: '0004-many-processes' }).delete();
          await last.down(database);
          await database('knex_migrations_lock').update({ is_locked: 1 });
          await migrate(database);
          expect(await database.schema.hasTable('kept_secrets')).toBe(true);
        }),
      ));
  });

  it('a connection that is silent for too long is given up, and the next one works', async () => {
    const database = connectPostgres(server.url('postgres'), { most: 1, silenceMs: 500 });
    await expect(database.raw('select pg_sleep(60)')).rejects.toEqual(new DatabaseUnavailable());
    const { rows } = await database.raw<{ rows: object[] }>('select 1 as one');
    expect(rows).toEqual([{ one: 1 }]);
    await database.destroy();
  });

  it('a process that vanishes within a transaction does not keep its locks', async () => {
    const proxy = await DatabaseProxy.open(server.url('postgres'));
    const vanishing = connectPostgres(proxy.url, { most: 1, silenceMs: 500 });
    const lost = vanishing.transaction(async (trx) => {
      await trx.raw('select pg_advisory_xact_lock(7)');
      // Neither side hears of the other any more, nor of its end.
      void proxy.hold(3_600_000);
      await trx.raw('select 1');
    });
    await expect(lost).rejects.toEqual(new DatabaseUnavailable());
    const other = connectPostgres(server.url('postgres'), { most: 1, silenceMs: 20_000 });
    await other.transaction((trx) => trx.raw('select pg_advisory_xact_lock(7)'));
    await other.destroy();
    await vanishing.destroy();
    proxy.close();
  });

  it('what is wrong with the database is told in one line, without the statement that met it', () => {
    const cause = new Error('select\n1 as one - Connection terminated unexpectedly');
    const found = postgresTrouble(
      new DatabaseUnavailable({ cause }),
      'postgres://me:secret@host/jobs',
    );
    expect((found as Error).message).toBe(
      'DATABASE_URL postgres://me@host/jobs cannot be used: PostgreSQL does not answer there. Start it, or mend the address. (Connection terminated unexpectedly)',
    );
  });

  it('a connection that is lost within a transaction is told of as any other that is lost', async () => {
    const database = connectPostgres(server.url('postgres'), { most: 1 });
    const failing = database.transaction(async (trx) => {
      await trx.raw('select 1');
      const terminated = `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'senseiv2-cloudmask'`;
      await server.run(terminated);
      await trx.raw('select 1');
    });
    await expect(failing).rejects.toEqual(new DatabaseUnavailable());
    await database.destroy();
  });

  it('an error tells the statement, and no value of it', async () => {
    const database = connectPostgres(server.url('postgres'), { most: 1 });
    const failing = database.raw('select * from nowhere where a = ?', ['MARKER']);
    const message = await failing.catch((error: Error) => error.message);
    expect(message).toMatch(/^select \* from nowhere where a = \$1 - relation "nowhere" /);
    await database.destroy();
  });

  describe('openPostgres', () => {
    it('opens a new database, and one that is there, also several at once', async () => {
      const url = await server.createDatabase();
      const opened = await Promise.all([open(url), open(url), open(url)]);
      for (const one of opened) await one.close();
      const again = await open(url);
      expect(await again.database('jobs').select()).toEqual([]);
      await again.close();
    });

    it.each([
      [
        'an address where nobody listens',
        () => 'postgres://u:MARKER@127.0.0.1:1/d',
        /does not answer there.*ECONNREFUSED/,
      ],
      [
        'a host that there is not',
        () => 'postgres://u:MARKER@host.invalid/d',
        /does not answer there/,
      ],
      [
        'a name that no database has',
        () => server.url('none', 'cloudmask:MARKER'),
        /no database of this name.*3D000/,
      ],
      [
        'a wrong password',
        () => server.url('postgres', 'locked:MARKER'),
        /does not let this user in.*28P01/,
      ],
      [
        'no password',
        () => server.url('postgres', 'locked'),
        /asks for a password, and the URL has none/,
      ],
      [
        'encryption',
        () => `${server.url('postgres')}?sslmode=verify-full`,
        /do not agree about encryption/,
      ],
    ])('says what to do with %s, without the password', async (_what, url, said) => {
      const message = await open(url()).catch((error: Error) => `${error.name} ${error.message}`);
      expect(message).toMatch(/^Misconfigured DATABASE_URL postgres:\/\/\w+@/);
      expect(message).toMatch(said);
      expect(message).not.toContain('MARKER');
    });

    it('says which rights are missing', async () => {
      await server.run('create user guest');
      const { pathname } = new URL(await server.createDatabase());
      const url = server.url(pathname.slice(1), 'guest');
      await expect(open(url)).rejects.toThrow(
        /has not the rights.* GRANT CREATE ON SCHEMA public TO "guest";.*42501/,
      );
    });

    it.each([
      [
        'synchronous_commit',
        'alter database NAME set synchronous_commit = off',
        /not write durably \(synchronous_commit is off\)/,
      ],
    ])('refuses a database that may lose what was committed (%s)', async (_what, sql, said) => {
      const url = await server.createDatabase();
      await server.run(sql.replace('NAME', new URL(url).pathname.slice(1)));
      await expect(open(url)).rejects.toThrow(said);
    });

    it('refuses one that cannot keep every character', async () => {
      await server.run("create database latin encoding 'LATIN1' locale 'C' template template0");
      await expect(open(server.url('latin'))).rejects.toThrow('has the encoding LATIN1');
    });

    it('refuses a server that may lose what was committed', async () => {
      const url = await server.createDatabase();
      await server.halt();
      await server.resume(['fsync=off']);
      await expect(open(url)).rejects.toThrow('not write durably (fsync is off)');
      await server.halt();
      await server.resume();
    });
  });
});
