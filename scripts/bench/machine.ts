/** What the figures were measured on: without it they say nothing. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import process from 'node:process';
import { describeRaster } from '../../src/raster/gdal.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Cores that this process may use. */
  readonly usable: number;
  readonly memoryGiB: number;
  /** Processes that wanted a core in the minute before. */
  readonly load: number;
  readonly system: string;
  readonly node: string;
  readonly onnxRuntime: string;
  readonly gdal: string;
}

export function describeMachine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    usable: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    load: os.loadavg()[0] ?? 0,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    onnxRuntime: versionOf('onnxruntime-node'),
    gdal: describeRaster().gdal,
  };
}

/** The machine in two lines. */
export function machineText(machine: Machine): string {
  const { cpu, cores, usable, memoryGiB, load, system, node, onnxRuntime, gdal } = machine;
  return `Machine: ${cpu}, ${cores} cores (${usable} usable), ${memoryGiB} GiB, ${system}; load before ${load.toFixed(1)}
Programs: Node.js ${node}, ONNX Runtime ${onnxRuntime}, GDAL ${gdal}
`;
}

function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
