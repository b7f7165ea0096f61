/** Runs a process in the server itself, for a synchronous answer. Only for processes that are quick and harmless. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TooBusy } from '../errors.ts';
import type { ExecutionRequest } from './execution-request.ts';
import type { Implementation, Json } from './process.ts';

export interface ValueOutput {
  readonly kind: 'value';
  readonly value: Json;
  readonly mediaType?: string;
}

/** The requested outputs that the process gave. */
export async function runInPlace(
  implementation: Implementation,
  request: ExecutionRequest,
  place: { readonly scratchDirectory: string; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, ValueOutput>>> {
  const directory = join(place.scratchDirectory, `in-place-${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  try {
    const outputs = await implementation.run(request.inputs, {
      directory,
      signal: place.signal,
      brought: {},
      resultsUrl: 'about:blank',
      outputs: Object.keys(request.outputs),
      progress: () => undefined,
      warn: () => undefined,
    });
    const wanted = Object.keys(request.outputs).flatMap((id) => {
      const output = outputs[id];
      if (output === undefined) return [];
      if (output.kind === 'file')
        throw new Error(`Output ${id} of a run in place may not be a file.`);
      return [[id, output] as const];
    });
    return Object.fromEntries(wanted);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Lets so many pieces of work run at once; what is too much is refused. @throws TooBusy */
export class Gate {
  readonly #most: number;
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async pass<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#most) throw new TooBusy(this.#most);
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }
}
