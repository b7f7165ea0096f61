/** Work for the supervisors: jobs whose children make two files each, fail, or crash as they are told. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { anonymous } from '../../src/jobs/job.ts';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import type { Json } from '../../src/processes/process.ts';
import type { Chance } from './chance.ts';
import type { Expected } from './expected.ts';
import { digest } from './verify.ts';
import { ordinary } from '../../test/support/ordinary-job.ts';

/** Jobs that wait or run at once. */
const mostUnfinished = 5;
const longestMs = 180_000;
/** A supervisor that is stopped inside a transaction holds the database: the process that has to wake it must not wait. */
const busyMs = 20;
const failure = 'The input is bad on purpose.';

export class Work {
  readonly expected: (Expected & { isDismissed: boolean })[] = [];
  readonly faults: string[] = [];
  readonly #database: Database;
  readonly #store: KnexJobStore;
  readonly #chance: Chance;

  private constructor(database: Database, chance: Chance) {
    this.#database = database;
    this.#store = new KnexJobStore(database, () => new Date());
    this.#chance = chance;
  }

  static async open(dataDirectory: string, chance: Chance): Promise<Work> {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    const database = await openDatabase(join(dataDirectory, 'jobs.sqlite'));
    await database.raw(`PRAGMA busy_timeout = ${busyMs}`);
    return new Work(database, chance);
  }

  close(): Promise<void> {
    return this.#database.destroy();
  }

  /** Sees to it that there is something to do, and dismisses some of it, until the signal. */
  async goOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((await this.#countUnfinished()) < mostUnfinished) await this.#add();
      else await sleep(50);
    }
  }

  /** Resolves when every job has ended. */
  async untilFinished(): Promise<void> {
    const deadline = performance.now() + longestMs;
    while ((await this.#countUnfinished()) > 0) {
      if (performance.now() > deadline) {
        this.faults.push(`Not every job has ended ${longestMs / 1000} s after the last strike.`);
        return;
      }
      await sleep(200);
    }
  }

  async #add(): Promise<void> {
    const id = randomUUID();
    const { inputs, ...expected } = this.#task(id);
    const outputs = { a: { transmissionMode: 'value' }, b: { transmissionMode: 'value' } } as const;
    await patiently(() =>
      this.#store.add({ ...ordinary, id, processId: 'scripted', request: { inputs, outputs } }),
    );
    const one = { ids: [id], isDismissed: false, ...expected };
    this.expected.push(one);
    if (!this.#chance.happens(0.1)) return;
    await sleep(this.#chance.integer(0, 1000));
    await patiently(() => this.#store.dismiss(id, anonymous));
    one.isDismissed = true;
  }

  #task(id: string): Pick<Expected, 'outputs' | 'failure'> & { inputs: Record<string, Json> } {
    const texts = { a: `a of ${id}`, b: `b of ${id}` };
    const waitMs = this.#chance.integer(0, 600);
    const files = { 'a.txt': texts.a, 'b.txt': texts.b };
    const outputs = {
      a: { kind: 'file', file: 'a.txt', mediaType: 'text/plain' },
      b: { kind: 'file', file: 'b.txt', mediaType: 'text/plain' },
    };
    const right = { a: { sha256: digest(texts.a) }, b: { sha256: digest(texts.b) } };
    if (this.#chance.happens(0.05))
      return { inputs: { files, waitMs, failure }, outputs: {}, failure };
    const crashesUntil = this.#chance.happens(0.05) ? 2 : 0;
    return { inputs: { files, outputs, waitMs, crashesUntil }, outputs: right };
  }

  async #countUnfinished(): Promise<number> {
    const counts = await this.#store.countByStatus();
    return (counts.accepted ?? 0) + (counts.running ?? 0);
  }
}

/** Repeats what the database is too busy for. */
async function patiently<Value>(act: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
      await sleep(100);
    }
  }
}
