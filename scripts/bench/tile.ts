/** A whole tile as a user has it made, under a limit of memory, beside what the reference implementation took. */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Statistics } from '../../src/cloudmask/output/statistics.ts';
import type { Note, Section } from './findings.ts';
import type { Cost } from './measure.ts';
import { besideOthers } from './other-programs.ts';
import { stageNotes } from './pipeline.ts';
import type { BenchScene } from './scenes.ts';
import { enforcement, runWatched, type Outcome } from './watched-process.ts';

const GB = 1e9;

/** Memory in which a tile has to be masked: what a job may use by default. */
export const limitBytes = 2048 * 2 ** 20;
const wantedBytes = 1.7 * GB;

/** The reference implementation with the official architecture on two cores of such a machine, measured elsewhere. */
const reference = {
  window: { cpuSeconds: 7.2, wallSeconds: 4.41 },
  tileWindows: 484,
  tileWallSeconds: 39 * 60,
  tileBytes: 28 * GB,
} as const;

/** Share of the reference's time that a tile may take. */
const wantedShare = 0.1;

export interface TileRequest {
  readonly scene: BenchScene;
  readonly modelsDirectory: string;
  readonly modelId: string;
  /** Folder for the result, which is removed. */
  readonly folder: string;
}

/** Masks the scene with the command that users have, in a process of its own. */
export async function measureTile(request: TileRequest): Promise<Section> {
  const { scene, modelId } = request;
  const { result: outcome, note } = await besideOthers(
    () => mask(request),
    ({ cpuSeconds }) => cpuSeconds,
  );
  const statistics = JSON.parse(outcome.stdout) as Statistics;
  const expected = referenceCost(statistics.windows.run);
  const ratio = outcome.wallSeconds / expected.wallSeconds;
  return {
    title: `Tile of ${scene.side} × ${scene.side} pixels with ${modelId}, stride 512, JPEG 2000 to COG`,
    findings: [
      {
        name: 'tile / reference (measured elsewhere)',
        ours: outcome,
        plain: expected,
        ratio,
        target: `wall ≤ ${wantedShare} of reference`,
        isMet: ratio <= wantedShare,
      },
    ],
    notes: [...memoryNotes(outcome, scene), ...stageNotes(statistics), note],
  };
}

async function mask(request: TileRequest): Promise<Outcome> {
  const { scene, modelsDirectory, modelId, folder } = request;
  const directory = await mkdtemp(path.join(folder, 'tile-'));
  try {
    const main = path.resolve(import.meta.dirname, '../../src/main.ts');
    const target = path.join(directory, 'mask.tif');
    const options = ['--model', modelId, '--device', 'cpu', '--stride', '512', '--json'];
    return await runWatched({
      args: [main, 'mask', scene.folder, target, ...options],
      environment: { MODELS_DIR: modelsDirectory },
      limitBytes,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** For a whole tile as quoted; for a smaller scene by its windows. */
function referenceCost(windows: number): Cost {
  const share = windows / reference.tileWindows;
  return {
    cpuSeconds: windows * reference.window.cpuSeconds,
    wallSeconds: share * reference.tileWallSeconds,
  };
}

function inGb(bytes: number): string {
  return `${(bytes / GB).toFixed(2)} GB`;
}

function memoryNotes({ peakBytes, residentBytes }: Outcome, { cost }: BenchScene): Note[] {
  const verdict = peakBytes <= wantedBytes ? 'met' : 'MISSED';
  return [
    {
      name: 'most memory',
      value: `${inGb(peakBytes)} (target ≤ ${inGb(wantedBytes)}: ${verdict}; reference ${inGb(reference.tileBytes)} for a tile)`,
    },
    {
      name: 'memory over time, GB',
      value: residentBytes.map((bytes) => (bytes / GB).toFixed(2)).join(' '),
    },
    { name: 'limit', value: `2 GiB (${inGb(limitBytes)}): ${enforcement}` },
    {
      name: 'making the scene took',
      value: `${cost.wallSeconds.toFixed(0)} s, ${cost.cpuSeconds.toFixed(0)} CPU-s, ${inGb(cost.peakBytes)} under the same limit`,
    },
  ];
}
