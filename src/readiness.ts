/** Whether the server can do its work, for operators. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/config.ts';
import type { Readiness } from './http/api.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { ProbeResult } from './jobs/raster-probe.ts';
import type { Log } from './log.ts';

/** `probe`: what a child said of GDAL; undefined as long as it has not answered. */
export async function readiness(
  config: Config,
  store: JobStore,
  probe: ProbeResult | undefined,
): Promise<Readiness> {
  const jobs = await store.countByStatus();
  const isPresent = await isModelPresent(config);
  const isReady = isPresent && probe?.kind === 'usable' && probe.missingDrivers.length === 0;
  return {
    status: isReady ? 'ready' : 'not ready',
    database: 'ok',
    gdal: gdalReport(probe),
    model: { id: config.modelId, isPresent },
    jobs,
  };
}

/** A server without its model starts (echo works, the model may be added), but says so. */
export async function warnOfModel(config: Config, log: Log): Promise<void> {
  if (await isModelPresent(config)) return;
  const remedy = 'Set MODEL and MODELS_DIR so that the folder MODELS_DIR/MODEL has a model.json.';
  log.error(
    { modelId: config.modelId, modelsDirectory: config.modelsDirectory, remedy },
    'Model:Missing',
  );
}

async function isModelPresent(config: Config): Promise<boolean> {
  try {
    await access(join(config.modelsDirectory, config.modelId, 'model.json'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function gdalReport(probe: ProbeResult | undefined): Readiness['gdal'] {
  if (probe === undefined) return { message: 'Not known yet.' };
  if (probe.kind === 'unusable') return { message: probe.message };
  return { version: probe.gdal, missingDrivers: probe.missingDrivers };
}
