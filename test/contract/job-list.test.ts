/** The list of somebody's jobs reads their rows only, from an index: the jobs of all others make it no slower. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobList } from '../../src/database/job-list-query.ts';
import type { JobFilter } from '../../src/jobs/job-store.ts';
import type { JobStatus } from '../../src/jobs/job.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';

const statuses: readonly JobStatus[] = ['accepted', 'running', 'successful', 'failed', 'dismissed'];
const processes = ['echo', 'senseiv2-cloudmask'];
const ofOthers = 20_000;
const own = 50;
const limit = 10;

interface Node {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

function row(owner: string, age: number) {
  const startedMs = 1_700_000_000_000 - 1000 * age;
  const time = new Date(startedMs).toISOString();
  return {
    id: randomUUID(),
    owner,
    process_id: processes[age % 2] ?? '',
    status: statuses[age % 5] ?? 'failed',
    request: '{}',
    message: '',
    created: time,
    updated: time,
    started_ms: startedMs,
    duration_ms: age % 600,
  };
}

/** Rows that were taken from the table or an index. */
function rowsRead(node: Node): number {
  const inner = (node.Plans ?? []).reduce((sum, plan) => sum + rowsRead(plan), 0);
  if (!/Scan/.test(node['Node Type']) || node['Node Type'] === 'Subquery Scan') return inner;
  const each = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  return inner + each * node['Actual Loops'];
}

onEveryDatabase((name, make) => {
  describe(`list of jobs: ${name}`, () => {
    let made: TestDatabase;
    beforeAll(async () => {
      made = await make();
      const rows = [
        ...Array.from({ length: ofOthers }, (_none, age) => row(`other-${age % 20}`, age)),
        ...Array.from({ length: own }, (_none, age) => row('alice', ofOthers + age)),
      ];
      await made.database.transaction(async (trx) => {
        await trx.batchInsert('jobs', rows, 500);
      });
      await made.database.raw('analyze');
    });
    afterAll(() => made.close());

    const query = (filter: JobFilter, owner: string) => {
      const nowMs = Date.now();
      const built = jobList(made.database, { owner, filter, limit, nowMs });
      if (built === undefined) throw new Error('no query');
      return built.toSQL().toNative();
    };

    it.each<[string, JobFilter, number]>([
      ['all', {}, 1],
      ['of one status', { statuses: ['failed'] }, 1],
      ['of two states', { statuses: ['failed', 'running'] }, 2],
      ['of a process', { processIds: ['echo'] }, 5],
      ['of a process and a status', { processIds: ['echo'], statuses: ['failed'] }, 1],
      ['until a time', { created: { to: '2023-11-14T00:00:00Z' } }, 1],
    ])('%s', async (_what, filter, branches) => {
      const faultsOf = name === 'SQLite' ? faultsOnSqlite : faultsOnPostgres;
      const owners = ['alice', 'other-3', 'nobody'].map((owner) =>
        faultsOf(made.database, query(filter, owner), branches),
      );
      expect(await Promise.all(owners)).toEqual([[], [], []]);
    });
  });
});

/** Every branch is a search in an index that begins with the owner, and one alone is in order without sorting. */
async function faultsOnSqlite(
  database: Knex,
  { sql, bindings }: Knex.SqlNative,
  branches: number,
): Promise<string[]> {
  const plan = await database.raw(`explain query plan ${sql}`, [...bindings]);
  const steps = (plan as { detail: string }[]).map(({ detail }) => detail);
  const onJobs = steps.filter((step) => /^(?:SEARCH|SCAN) jobs\b/.test(step));
  return [
    ...(onJobs.length === branches ? [] : [`${onJobs.length} branches`]),
    ...onJobs.filter((step) => !/^SEARCH jobs USING INDEX jobs_of_owner\w* \(owner=\?/.test(step)),
    ...steps.filter((step) => branches === 1 && step.includes('TEMP B-TREE')),
  ];
}

/** No more rows are read than the owner has, or the limit of every branch. */
async function faultsOnPostgres(
  database: Knex,
  { sql, bindings }: Knex.SqlNative,
  branches: number,
): Promise<string[]> {
  const { client } = database as { client: { acquireConnection(): Promise<Pg> } & Knex.Client };
  const connection = await client.acquireConnection();
  const { rows } = await connection.query(`explain (analyze, format json) ${sql}`, bindings);
  await client.releaseConnection(connection);
  const read = (rows[0]?.['QUERY PLAN'] ?? []).reduce((sum, { Plan }) => sum + rowsRead(Plan), 0);
  return read <= Math.max(own, branches * limit) ? [] : [`${read} rows were read`];
}

interface Pg {
  query(
    sql: string,
    bindings: readonly unknown[],
  ): Promise<{ rows: { 'QUERY PLAN': { Plan: Node }[] }[] }>;
}
