import type { Log } from '../log.ts';
import { ChildHandle, type ChildProgram } from './child-handle.ts';
import type { ModelReport, ProbeOrder, RasterReport } from './child-protocol.ts';

export type RasterFinding =
  | ({ readonly kind: 'usable' } & RasterReport)
  | { readonly kind: 'unusable'; readonly message: string };

/** What a child has found; a member is absent as long as nothing is known. */
export interface Findings {
  readonly raster?: RasterFinding;
  readonly model?: ModelReport;
}

const limitMs = 120_000;

/** Asks a child what it can work with, since the server itself loads neither GDAL nor models. */
export class Probe {
  readonly #program: ChildProgram;
  readonly #order: ProbeOrder;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #findings: Findings = {};
  #looking: Promise<void> = Promise.resolve();

  constructor(program: ChildProgram, order: ProbeOrder, log: Log) {
    this.#program = program;
    this.#order = order;
    this.#log = log;
  }

  get findings(): Findings {
    return this.#findings;
  }

  /** Looks (again), behind a look that is under way. Until then nothing is known of the model. */
  look(): void {
    const { model: _stale, ...rest } = this.#findings;
    this.#findings = rest;
    this.#looking = this.#looking.then(() => this.#look());
  }

  /** Resolves when no child is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    let found: Findings = {};
    const child = new ChildHandle(this.#program, (report) => {
      if (report.kind === 'checked') found = { ...found, model: report.model };
      if (report.kind === 'probed')
        found = { ...found, raster: { kind: 'usable', ...report.raster } };
    });
    const kill = (): void => child.kill('SIGKILL');
    const timer = setTimeout(kill, limitMs);
    signal.addEventListener('abort', kill, { once: true });
    child.send(this.#order);
    const exit = await child.exited;
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    if (signal.aborted) return;
    const how = `exit code ${exit.code}, signal ${exit.signal}`;
    this.#findings = {
      raster: { kind: 'unusable', message: `The child process could not load GDAL (${how}).` },
      model: { kind: 'unusable', message: `The child process could not check it (${how}).` },
      ...found,
    };
    this.#tell(exit.stderr);
  }

  #tell(stderr: string): void {
    const { raster, model } = this.#findings;
    if (raster?.kind === 'unusable') this.#log.error({ ...raster, stderr }, 'Raster:Unusable');
    if (raster?.kind === 'usable') {
      const { gdal, missingDrivers } = raster;
      this.#log.info({ gdal, missingDrivers }, 'Raster:Found');
    }
    const { modelId, modelsDirectory } = this.#order;
    if (model?.kind === 'usable') this.#log.info({ modelId, sha256: model.sha256 }, 'Model:Found');
    if (model?.kind !== 'unusable') return;
    const { message } = model;
    const remedy =
      'Add or mend the model ("npm run models -- --help"), or set MODEL and MODELS_DIR to a model that is whole. Jobs fail until then.';
    this.#log.error({ modelId, modelsDirectory, message, remedy }, 'Model:Unusable');
  }
}
