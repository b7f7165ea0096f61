/**
 * Jobs in SQL. Every change of state is conditional on the states that may precede it (`jobs/job.ts`), and is written
 * together with its line in the log and its callbacks.
 */
import type { Knex } from 'knex';
import { NoRoom } from '../errors.ts';
import {
  predecessors,
  type Job,
  type JobStatus,
  type JobSummary,
  type LogLine,
} from '../jobs/job.ts';
import type { JobStore, Listing, NewJob, OwnerLimits, WaitingJobs } from '../jobs/job-store.ts';
import { changing, endColumns, mostLines } from './job-changes.ts';
import { jobList } from './job-list-query.ts';
import { enqueue, giveBack, unqueue } from './owner-queues.ts';
import type { SqliteReader } from './sqlite-reader.ts';
import { jobOf, summaryColumns, summaryOf, type JobRow, type SummaryRow } from './job-row.ts';

const oneSummary = `select ${summaryColumns} from jobs where id = ? and owner = ?`;

export interface JobStoreHelpers {
  /** With it, what is asked most often does not go through knex. */
  readonly reader?: SqliteReader | undefined;
  /** Tells others of a job that is added, in the same transaction. */
  readonly waker?: { announce(transaction: Knex): Promise<void> } | undefined;
}

export class KnexJobStore implements JobStore {
  readonly #database: Knex;
  readonly #now: () => Date;
  readonly #reader: JobStoreHelpers['reader'];
  readonly #waker: JobStoreHelpers['waker'];

  constructor(database: Knex, now: () => Date, { reader, waker }: JobStoreHelpers = {}) {
    this.#database = database;
    this.#now = now;
    this.#reader = reader;
    this.#waker = waker;
  }

  async add(job: NewJob, limits: OwnerLimits = {}): Promise<Job> {
    const now = this.#time();
    const adding = changing(
      this.#database,
      (jobs) =>
        jobs
          .insert({
            id: job.id,
            process_id: job.processId,
            owner: job.owner,
            priority: job.priority,
            cost: job.cost,
            status: 'accepted',
            request: JSON.stringify(job.request),
            secrets: job.secrets ?? null,
            idempotency_key: job.repeatable?.key ?? null,
            request_digest: job.repeatable?.digest ?? null,
            message: 'Waiting for a free place to run.',
            created: now,
            updated: now,
          })
          .returning('*'),
      async (trx) => {
        await this.#waker?.announce(trx);
        // Last, so that others of this owner wait as shortly as can be.
        await enqueue(trx, job, limits);
      },
    );
    const [added] = await adding.catch((error: unknown) => {
      throw isDiskTrouble(error) ? new NoRoom({ cause: error }) : error;
    });
    if (added === undefined) throw new Error('An insert answers its row.');
    return jobOf(added);
  }

  async findByKey(owner: string, key: string): Promise<{ job: Job; digest: string } | undefined> {
    const row = await this.#jobs().where({ owner, idempotency_key: key }).first();
    return row && { job: jobOf(row), digest: row.request_digest ?? '' };
  }

  async find(id: string, owner: string): Promise<Job | undefined> {
    const row = await this.#jobs().where({ id, owner }).first();
    return row && jobOf(row);
  }

  async findSummary(id: string, owner: string): Promise<JobSummary | undefined> {
    const [row] = this.#reader
      ? this.#reader.rows<SummaryRow>(oneSummary, [id, owner])
      : await this.#database
          .select<SummaryRow[]>(this.#database.raw(summaryColumns))
          .from('jobs')
          .where({ id, owner });
    return row && summaryOf(row);
  }

  async findLinked(id: string): Promise<Job | undefined> {
    const row = await this.#jobs().where({ id }).first();
    return row && jobOf(row);
  }

  async list(listing: Listing): Promise<readonly JobSummary[]> {
    const nowMs = this.#now().getTime();
    const query = jobList(this.#database, { ...listing, nowMs });
    if (query === undefined) return [];
    const { sql, bindings } = query.toSQL().toNative();
    const rows = this.#reader?.rows<SummaryRow>(sql, bindings) ?? ((await query) as SummaryRow[]);
    return rows.map(summaryOf);
  }

  async log(id: string, owner: string): Promise<readonly LogLine[]> {
    return this.#database('job_log')
      .select<LogLine[]>('time', 'message')
      .whereIn('job_id', this.#database('jobs').select('id').where({ id, owner }))
      .orderBy('id')
      .limit(mostLines);
  }

  async dismiss(id: string, owner: string): Promise<Job | undefined> {
    const { finished, duration_ms: duration, ...end } = endColumns(this.#database, this.#now());
    const raw = this.#database.raw.bind(this.#database);
    let before: JobRow | undefined;
    const [dismissed] = await changing(
      this.#database,
      async (jobs, trx) => {
        before = await lockFor('dismissed', { id, owner }, trx);
        if (before === undefined) return [];
        return jobs
          .where({ id })
          .update({
            ...end,
            status: 'dismissed',
            result: null,
            failure: null,
            message: 'The job was dismissed.',
            finished: raw('coalesce(finished, ?)', [finished]),
            duration_ms: raw('coalesce(duration_ms, ?)', [duration]),
          })
          .returning('*');
      },
      async (trx) => {
        if (before?.status === 'accepted') await unqueue(trx, before);
        else if (before?.lease_token != null) await giveBack(trx, before.owner);
      },
    );
    return dismissed && jobOf(dismissed);
  }

  async withResultsBefore(time: string): Promise<readonly Job[]> {
    const rows = await this.#jobs().whereNotNull('result').where('finished', '<', time);
    return rows.map(jobOf);
  }

  async expire(id: string): Promise<boolean> {
    const now = this.#time();
    const changed = await this.#jobs()
      .where({ id })
      .whereNotNull('result')
      .update({ result: null, expired: now });
    return changed === 1;
  }

  async removeFinishedBefore(time: string): Promise<readonly string[]> {
    const rows = await this.#jobs().select('id').where('finished', '<', time);
    const ids = rows.map((row) => row.id);
    // One by one: the number of values in a statement is limited. A finished job stays finished.
    for (const id of ids) await this.#jobs().where({ id }).delete();
    return ids;
  }

  async isLive(id: string, attempt: number): Promise<boolean> {
    const row = await this.#jobs()
      .where({ id, attempt })
      .where((either) => void either.whereNotNull('result').orWhereNotNull('lease_token'))
      .first();
    return row !== undefined;
  }

  async answers(): Promise<void> {
    await this.#database.select(this.#database.raw('1'));
  }

  async countWaiting(): Promise<number> {
    const waiting = await this.waiting();
    return waiting.reduce((sum, { jobs }) => sum + jobs, 0);
  }

  async waiting(): Promise<readonly WaitingJobs[]> {
    const rows = await this.#database('queues')
      .select('priority')
      .sum<Record<keyof WaitingJobs, number | string>[]>({
        jobs: 'waiting',
        windows: 'waiting_cost',
      })
      .where('waiting', '>', 0)
      .groupBy('priority');
    return rows.map(({ priority, jobs, windows }) => ({
      priority: Number(priority),
      jobs: Number(jobs),
      windows: Number(windows),
    }));
  }

  async oldestWaiting(): Promise<string | undefined> {
    const oldest = await this.#jobs()
      .select('created')
      .where({ status: 'accepted' })
      .orderBy('created')
      .first();
    return oldest?.created;
  }

  async countByStatus(): Promise<Readonly<Partial<Record<JobStatus, number>>>> {
    const rows = await this.#database('jobs')
      .select('status')
      .count<{ status: JobStatus; jobs: number }[]>({ jobs: '*' })
      .groupBy('status');
    return Object.fromEntries(rows.map((row) => [row.status, row.jobs]));
  }

  #jobs(): Knex.QueryBuilder<JobRow, JobRow[]> {
    return this.#database<JobRow, JobRow[]>('jobs');
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

/** The row before it changes to `next`, which nobody else may change any more; undefined where it may not. */
async function lockFor(
  next: JobStatus,
  job: { readonly id: string; readonly owner: string },
  trx: Knex,
): Promise<JobRow | undefined> {
  const [row] = await trx<JobRow, JobRow[]>('jobs')
    .where(job)
    .whereIn('status', predecessors(next))
    .update({ attempt: trx.raw('attempt') })
    .returning('*');
  return row;
}

/** The disk is full, faulty or read-only. */
function isDiskTrouble(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code);
  return /^(?:SQLITE_(?:FULL|IOERR|READONLY|CANTOPEN).*|53100|58030|25006)$/.test(code);
}
