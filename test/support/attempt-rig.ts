/** Attempts with a real store and a child that does what its inputs say, in a folder of their own. */
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addLine } from '../../src/database/job-changes.ts';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { Attempt, type AttemptTools } from '../../src/jobs/attempt.ts';
import { anonymous, type Job } from '../../src/jobs/job.ts';
import { leaseTimes } from '../../src/jobs/lease-keeper.ts';
import type { ClaimedJob } from '../../src/jobs/lease-store.ts';
import type { WorkerSettings } from '../../src/jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { claimWith } from './claim.ts';
import { until } from './server.ts';
import { temporaryDataFolder } from './finished-job.ts';
import { ordinary } from './ordinary-job.ts';
import { scriptedTools } from './scripted-tools.ts';

export class AttemptRig {
  readonly folder: string;
  readonly store: KnexJobStore;
  readonly leases: KnexLeaseStore;
  readonly storage: FileStorage;
  readonly #database: Database;

  private constructor(folder: string, database: Database) {
    this.folder = folder;
    this.#database = database;
    this.store = new KnexJobStore(database, () => new Date());
    this.leases = new KnexLeaseStore(database, () => new Date());
    this.storage = new FileStorage(join(folder, 'results'));
  }

  static async open(): Promise<AttemptRig> {
    const folder = await temporaryDataFolder();
    return new AttemptRig(folder, await openDatabase(join(folder, 'jobs.sqlite')));
  }

  async close(): Promise<void> {
    await this.#database.destroy();
    await rm(this.folder, { recursive: true });
  }

  /** `isFar`: what the inputs name has to be brought first. */
  tools(isFar = false): AttemptTools {
    return {
      ...scriptedTools(isFar),
      store: this.store,
      leases: this.leases,
      storage: this.storage,
      log: createLog('silent'),
      scratchDirectory: join(this.folder, 'scratch'),
      progressIntervalMs: 10,
    };
  }

  /** Answers the id of a job that waits. */
  async add(script: object, wanted = ['a']): Promise<string> {
    const outputs = Object.fromEntries(
      wanted.map((id) => [id, { transmissionMode: 'value' as const }]),
    );
    const id = randomUUID();
    await this.store.add({
      ...ordinary,
      id,
      processId: 'x',
      request: { inputs: script as never, outputs },
    });
    return id;
  }

  /** Adds a line to what happened to a job, as if something had. */
  tell(id: string, message: string): Promise<void> {
    return addLine(this.#database, id, { time: new Date().toISOString(), message });
  }

  async attempt(script: object, wanted = ['a'], tools = this.tools()): Promise<Attempt> {
    await this.add(script, wanted);
    const job = await this.leases.claim(claimWith('token'));
    if (job === undefined) throw new Error('nothing to claim');
    return new Attempt(job, 'token', tools);
  }

  /** The job when it has ended, by this attempt or by those that follow it. */
  async jobAtEnd(one: Attempt, tools = this.tools()): Promise<Job | undefined> {
    const job = await this.jobAfter(one);
    if (job?.status !== 'running') return job;
    let next: ClaimedJob | undefined;
    await until(async () => {
      next = await this.leases.claim(claimWith('token'));
      return next !== undefined;
    }, 'the next attempt may begin');
    return next && this.jobAtEnd(new Attempt(next, 'token', tools), tools);
  }

  /** Settings of a worker that runs such attempts. */
  settings(changed: Partial<WorkerSettings> = {}): WorkerSettings {
    return {
      name: 'worker',
      times: leaseTimes,
      maxRunning: 1,
      pollIntervalMs: 100,
      stopGraceMs: 0,
      ...changed,
    };
  }

  /** The job when the attempt is over; nothing is left in scratch then. */
  async jobAfter(one: Attempt): Promise<Job | undefined> {
    await (await one.complete())?.write();
    const left = await readdir(join(this.folder, 'scratch'));
    if (left.length > 0) throw new Error(`Scratch still holds ${left.join(', ')}.`);
    return this.store.find(one.job.id, anonymous);
  }
}
