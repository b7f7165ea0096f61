/** Whether the server can do its work, for operators. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/config.ts';
import type { Readiness } from './http/api.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { Findings, Probe } from './jobs/probe.ts';
import type { Storage } from './storage/storage.ts';

interface Asked {
  readonly store: JobStore;
  readonly storage: Storage;
  readonly probe: Probe;
}

export class ReadinessCheck {
  readonly #config: Config;
  readonly #store: JobStore;
  readonly #storage: Storage;
  readonly #probe: Probe;
  /** The model's files as they were when a child was asked to check them. */
  #checked: string | undefined;

  constructor(config: Config, { store, storage, probe }: Asked) {
    this.#config = config;
    this.#store = store;
    this.#storage = storage;
    this.#probe = probe;
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

  /** Asks the database and the store of results, and looks at files; expensive looks are a child's. */
  async answer(): Promise<Readiness> {
    const jobs = await this.#store.countByStatus();
    const { isPresent } = await this.lookAtModel();
    const { raster, model } = this.#probe.findings;
    const isRasterReady = raster?.kind === 'usable' && raster.missingDrivers.length === 0;
    const hasStorage = await this.#storage.answers();
    const isReady = isPresent && isRasterReady && model?.kind === 'usable' && hasStorage;
    return {
      status: isReady ? 'ready' : 'not ready',
      database: 'ok',
      results: hasStorage ? 'ok' : 'does not answer',
      gdal: rasterReport(raster),
      model: { id: this.#config.modelId, isPresent, ...modelReport(model) },
      jobs,
    };
  }
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
