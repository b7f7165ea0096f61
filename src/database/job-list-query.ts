/**
 * The list of somebody's jobs as SQL. A filter by status or process becomes one branch for each value, so that each is
 * read from its index in the order of the list and ends at the limit: the time does not grow with the number of jobs,
 * neither theirs nor those of others.
 */
import type { Knex } from 'knex';
import { successors, type JobStatus } from '../jobs/job.ts';
import type { JobFilter, Listing } from '../jobs/job-store.ts';
import { summaryColumns } from './job-row.ts';

export interface JobListQuery extends Listing {
  readonly nowMs: number;
}

const newestFirst = [
  { column: 'created', order: 'desc' },
  { column: 'id', order: 'desc' },
];

/** Jobs that may have a duration. */
const thatRan: readonly JobStatus[] = ['running', 'successful', 'failed', 'dismissed'];

interface Branch {
  readonly status?: JobStatus;
  readonly process_id?: string;
}

/** Answers rows of summaries; undefined where no job can fit. */
export function jobList(database: Knex, query: JobListQuery): Knex.QueryBuilder | undefined {
  const branches = branchesOf(query.filter);
  const [first, ...rest] = branches.map((branch) => branchQuery(database, branch, query));
  if (first === undefined || rest.length === 0) return first;
  // SQLite takes an order and a limit in a branch only inside a FROM.
  const wrapped = [first, ...rest].map((branch, index) =>
    database.select('*').from(branch.as(`branch_${index}`)),
  );
  const all = database.unionAll(wrapped).as('jobs');
  return database.select('*').from(all).orderBy(newestFirst).limit(query.limit);
}

function branchesOf({ processIds, statuses, durationMs }: JobFilter): readonly Branch[] {
  const wanted = statuses ?? (durationMs === undefined ? undefined : thatRan);
  const byStatus = wanted?.map((status) => ({ status }));
  if (processIds === undefined) return byStatus ?? [{}];
  const every = byStatus ?? (Object.keys(successors) as JobStatus[]).map((status) => ({ status }));
  return processIds.flatMap((id) => every.map((branch) => ({ ...branch, process_id: id })));
}

function branchQuery(database: Knex, branch: Branch, query: JobListQuery): Knex.QueryBuilder {
  const { owner, filter, limit, after } = query;
  const rows = database('jobs')
    .select(database.raw(summaryColumns))
    .where({ owner, ...branch });
  if (after) void rows.whereRaw('(created, id) < (?, ?)', [after.created, after.id]);
  if (filter.created?.from !== undefined) void rows.where('created', '>=', filter.created.from);
  if (filter.created?.to !== undefined) void rows.where('created', '<=', filter.created.to);
  if (filter.durationMs) addDuration(rows, branch.status, query);
  return rows.orderBy(newestFirst).limit(limit);
}

/** A running job lasts until now: it has lasted longer the earlier it began. */
function addDuration(
  rows: Knex.QueryBuilder,
  status: JobStatus | undefined,
  { filter, nowMs }: JobListQuery,
): void {
  const { least, most } = filter.durationMs ?? {};
  const isRunning = status === 'running';
  const column = isRunning ? 'started_ms' : 'duration_ms';
  void rows.whereNotNull(column);
  if (least !== undefined)
    void rows.where(column, isRunning ? '<=' : '>=', isRunning ? nowMs - least : least);
  if (most !== undefined)
    void rows.where(column, isRunning ? '>=' : '<=', isRunning ? nowMs - most : most);
}
