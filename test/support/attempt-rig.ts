/** Attempts with a real store and a child that does what its inputs say, in a folder of their own. */
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { Attempt, type AttemptTools } from '../../src/jobs/attempt.ts';
import type { Job } from '../../src/jobs/job.ts';
import { createLog } from '../../src/log.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { temporaryDataFolder } from './finished-job.ts';

const program = {
  file: join(import.meta.dirname, 'scripted-child.ts'),
  environment: { PATH: process.env['PATH'] ?? '' },
};

export class AttemptRig {
  readonly folder: string;
  readonly store: KnexJobStore;
  readonly storage: FileStorage;
  readonly #database: Database;

  private constructor(folder: string, database: Database) {
    this.folder = folder;
    this.#database = database;
    this.store = new KnexJobStore(database, () => new Date());
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
      store: this.store,
      storage: this.storage,
      log: createLog('silent'),
      program,
      limits: { memoryMb: 1024, minutes: 1, graceMs: 500 },
      settings: {} as never,
      transfer: { program, settings: {} as never, isNeeded: async () => isFar },
      scratchDirectory: join(this.folder, 'scratch'),
      progressIntervalMs: 10,
      resultsUrl: () => 'http://localhost',
    };
  }

  async attempt(script: object, wanted = ['a'], tools = this.tools()): Promise<Attempt> {
    const outputs = Object.fromEntries(
      wanted.map((id) => [id, { transmissionMode: 'value' as const }]),
    );
    await this.store.add({
      id: randomUUID(),
      processId: 'x',
      request: { inputs: script as never, outputs },
    });
    const job = await this.store.claim('token');
    if (job === undefined) throw new Error('nothing to claim');
    return new Attempt(job, 'token', tools);
  }

  /** The job when the attempt is over; nothing is left in scratch then. */
  async jobAfter(one: Attempt): Promise<Job | undefined> {
    await (await one.complete())?.write();
    const left = await readdir(join(this.folder, 'scratch'));
    if (left.length > 0) throw new Error(`Scratch still holds ${left.join(', ')}.`);
    return this.store.find(one.job.id);
  }
}
