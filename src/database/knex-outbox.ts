/** Callbacks in SQL. They are put in by the store of jobs, in the transaction of the change that they tell of. */
import type { Knex } from 'knex';
import type { Job } from '../jobs/job.ts';
import type { Callback, Outbox } from '../jobs/outbox.ts';
import { addLine } from './job-changes.ts';

interface OutboxRow {
  readonly id: string;
  readonly job_id: string;
  readonly url: string;
  readonly job: string;
  readonly tries: number;
  readonly next_try: string;
}

export class KnexOutbox implements Outbox {
  readonly #database: Knex;
  readonly #now: () => Date;

  constructor(database: Knex, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  async due(limit: number): Promise<readonly Callback[]> {
    const rows = await this.#database<OutboxRow, OutboxRow[]>('outbox')
      .where('next_try', '<=', this.#now().toISOString())
      .orderBy('next_try')
      .limit(limit);
    return rows.map(({ id, url, job, tries }) => ({ id, url, job: JSON.parse(job) as Job, tries }));
  }

  async close(callback: Callback, line: string): Promise<void> {
    await this.#database.transaction(async (trx) => {
      const removed = await trx('outbox').where({ id: callback.id }).delete();
      if (removed === 1) await addLine(trx, callback.job.id, this.#line(line));
    });
  }

  async postpone(callback: Callback, delayMs: number, line: string): Promise<void> {
    const next = new Date(this.#now().getTime() + delayMs).toISOString();
    await this.#database.transaction(async (trx) => {
      const changed = await trx('outbox')
        .where({ id: callback.id })
        .update({ tries: callback.tries + 1, next_try: next });
      if (changed === 1) await addLine(trx, callback.job.id, this.#line(line));
    });
  }

  #line(message: string) {
    return { time: this.#now().toISOString(), message };
  }
}
