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
      .where('next_try', '<=', this.#timeIn(0))
      .orderBy('next_try')
      .limit(limit);
    return rows.map(({ id, url, job, tries }) => ({ id, url, job: JSON.parse(job) as Job, tries }));
  }

  async take(callback: Callback, holdMs: number): Promise<boolean> {
    const taken = await this.#asSeen(callback)
      .where('next_try', '<=', this.#timeIn(0))
      .update({ next_try: this.#timeIn(holdMs) });
    return taken === 1;
  }

  async putBack(callback: Callback): Promise<void> {
    await this.#asSeen(callback).update({ next_try: this.#timeIn(0) });
  }

  async close(callback: Callback, line: string): Promise<void> {
    await this.#database.transaction(async (trx) => {
      const removed = await trx('outbox').where({ id: callback.id }).delete();
      if (removed === 1) await addLine(trx, callback.job.id, this.#line(line));
    });
  }

  async postpone(callback: Callback, delayMs: number, line: string): Promise<void> {
    await this.#database.transaction(async (trx) => {
      const changed = await this.#asSeen(callback, trx).update({
        tries: callback.tries + 1,
        next_try: this.#timeIn(delayMs),
      });
      if (changed === 1) await addLine(trx, callback.job.id, this.#line(line));
    });
  }

  /** The row of a callback, if nobody has tried it since. */
  #asSeen({ id, tries }: Callback, database: Knex = this.#database): Knex.QueryBuilder {
    return database('outbox').where({ id, tries });
  }

  #timeIn(delayMs: number): string {
    return new Date(this.#now().getTime() + delayMs).toISOString();
  }

  #line(message: string) {
    return { time: this.#now().toISOString(), message };
  }
}
