/** Whether the server can do its work, for operators. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/config.ts';
import type { Readiness } from './http/api.ts';
import type { Findings, Probe } from './jobs/probe.ts';
import type { Log } from './log.ts';
import type { Storage } from './storage/storage.ts';
import { within } from './within.ts';

/** Asks the database, which counts what it may be asked to count. */
export type JobCounts = () => Promise<Readiness['jobs']>;

interface Asked {
  readonly countJobs: JobCounts;
  readonly storage: Pick<Storage, 'answers'>;
  readonly probe: Pick<Probe, 'findings' | 'look'>;
  readonly log: Log;
}

/** Probes do not wait long, and each of theirs would hold a connection. */
const patienceMs = 2000;

export class ReadinessCheck {
  readonly #config: Config;
  readonly #countJobs: JobCounts;
  readonly #storage: Asked['storage'];
  readonly #probe: Asked['probe'];
  readonly #log: Log;
  /** The model's files as they were when a child was asked to check them. */
  #checked: string | undefined;
  #isStopping = false;
  #lastStatus: Readiness['status'] | undefined;

  constructor(config: Config, { countJobs, storage, probe, log }: Asked) {
    this.#config = config;
    this.#countJobs = countJobs;
    this.#storage = storage;
    this.#probe = probe;
    this.#log = log;
  }

  /** The server takes leave: it is not ready any more, whatever works. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Has the model checked, at first and whenever its files have changed since. */
  async lookAtModel(): Promise<{ readonly isPresent: boolean }> {
    const { modelsDirectory, modelId } = this.#config;
    const files = await filesOf(join(modelsDirectory, modelId));
    const seen = JSON.stringify(files);
    if (seen !== this.#checked) {
      this.#checked = seen;
      this.#probe.look();
    }
    return { isPresent: files.some(({ name }) => name === 'model.json') };
  }

  /**
   * Asks the database and the store of results, both for a moment only, and looks at files; expensive looks are a
   * child's. Never rejects because something does not answer.
   */
  async answer(): Promise<Readiness> {
    const [jobs, results, { isPresent }] = await Promise.all([
      this.#ask(this.#countJobs),
      this.#ask(async () => {
        if (!(await this.#storage.answers())) throw new Error('The store of results is away.');
      }),
      this.lookAtModel(),
    ]);
    const { raster, model } = this.#probe.findings;
    const isRasterReady = raster?.kind === 'usable' && raster.missingDrivers.length === 0;
    const hasModel = isPresent && model?.kind === 'usable';
    const isReady = hasModel && isRasterReady && jobs.said === 'ok' && results.said === 'ok';
    const report: Readiness = {
      status: this.#status(isReady),
      database: jobs.said,
      results: results.said,
      gdal: rasterReport(raster),
      model: { id: this.#config.modelId, isPresent, ...modelReport(model) },
      jobs: jobs.value ?? {},
    };
    this.#tell(report, jobs.error ?? results.error);
    return report;
  }

  #status(isReady: boolean): Readiness['status'] {
    if (this.#isStopping) return 'stopping';
    return isReady ? 'ready' : 'not ready';
  }

  /** A server that stops asks nobody. */
  async #ask<Value>(ask: () => Promise<Value>): Promise<Asking<Value>> {
    if (this.#isStopping) return { said: 'not asked' };
    try {
      return { said: 'ok', value: await within(patienceMs, ask()) };
    } catch (error) {
      return { said: 'does not answer', error };
    }
  }

  /** Probes ask for ever: only a change is worth a line. */
  #tell({ status, database, results }: Readiness, err: unknown): void {
    if (status === this.#lastStatus) return;
    this.#lastStatus = status;
    const level = status === 'not ready' ? 'warn' : 'info';
    this.#log[level]({ status, database, results, err }, 'Readiness:Changed');
  }
}

/** What became of a question to something that this server needs. */
interface Asking<Value> {
  readonly said: Readiness['database'];
  readonly value?: Value;
  readonly error?: unknown;
}

interface FileState {
  readonly name: string;
  readonly size: number;
  readonly modifiedMs: number;
}

async function filesOf(folder: string): Promise<readonly FileState[]> {
  const names = await unlessAbsent(readdir(folder));
  const states = (names ?? []).toSorted().map(async (name) => {
    const found = await unlessAbsent(stat(join(folder, name)));
    return found === undefined ? [] : [{ name, size: found.size, modifiedMs: found.mtimeMs }];
  });
  return (await Promise.all(states)).flat();
}

async function unlessAbsent<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR', 'EACCES'];
    if (absent.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function rasterReport(found: Findings['raster']): Readiness['gdal'] {
  if (found === undefined) return { message: 'Not known yet.' };
  if (found.kind === 'unusable') return { message: found.message };
  return { version: found.gdal, missingDrivers: found.missingDrivers };
}

/** Paths of the server are in its log only. */
function modelReport(found: Findings['model']): Pick<Readiness['model'], 'isUsable' | 'message'> {
  if (found === undefined) return { message: 'Its files are being checked.' };
  if (found.kind === 'usable') return { isUsable: true };
  return {
    isUsable: false,
    message: 'Its files are missing or damaged; the log of the server says which.',
  };
}
