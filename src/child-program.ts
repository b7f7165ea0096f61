/** What the children of this server run, and what they are told of its configuration. */
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { childEnvironment } from './config/child-environment.ts';
import type { Config } from './config/config.ts';
import type { ChildProgram } from './jobs/child-handle.ts';
import type { ChildSettings } from './jobs/child-protocol.ts';

/** The child's program has the extension of this one: sources or built. */
export function childProgram(): ChildProgram {
  const file = join(import.meta.dirname, `job-child${extname(import.meta.filename)}`);
  return { file, environment: childEnvironment() };
}

export function childSettings(config: Config): ChildSettings {
  return {
    modelsDirectory: config.modelsDirectory,
    modelId: config.modelId,
    modelDevice: config.modelDevice,
    threads: Math.max(1, Math.floor(availableParallelism() / config.maxRunningJobs)),
    productRoots: config.productRoots,
  };
}
