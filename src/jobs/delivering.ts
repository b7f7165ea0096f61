/** Takes the results of one attempt to the bucket that the user of the job named. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { folderOf } from '../delivery/destination.ts';
import type { DeliveredFile, Delivery, DeliveryFile } from '../delivery/delivery.ts';
import type { Json, Output } from '../processes/process.ts';
import type { RunEnd } from './child-run.ts';
import type { TransferOrder } from './child-protocol.ts';
import type { Delivered, Results, StoredOutput } from './job.ts';
import type { Chosen } from './keep-outputs.ts';

/** Small documents can be read with the job as well, without a visit to the bucket. */
const largestValueBytes = 1024 * 1024;

/** Runs an order in the child that has the network. */
export type RunTransfer = (order: TransferOrder) => Promise<RunEnd>;

type NotFinished = Exclude<RunEnd, { kind: 'finished' }>;

export class Delivering {
  readonly #delivery: Delivery;
  readonly #run: RunTransfer;

  constructor(delivery: Delivery, run: RunTransfer) {
    this.#delivery = delivery;
    this.#run = run;
  }

  /** Whether the results may be written, before they are computed: the address of their folder. */
  async check(): Promise<NotFinished | { readonly kind: 'finished'; readonly folderUrl: string }> {
    const end = await this.#run({ kind: 'check-delivery', delivery: this.#delivery });
    if (end.kind !== 'finished') return end;
    const folder = end.outputs['folder'];
    if (folder?.kind !== 'value' || typeof folder.value !== 'string')
      throw new Error('The child that checks a delivery tells its folder.');
    return { kind: 'finished', folderUrl: folder.value };
  }

  async deliver(
    outputs: Chosen,
  ): Promise<NotFinished | { readonly kind: 'finished'; readonly results: Results }> {
    const files = outputs.flatMap(([, output]) => (output.kind === 'file' ? [fileOf(output)] : []));
    const end = await this.#run({ kind: 'deliver', delivery: this.#delivery, files });
    if (end.kind === 'failed') await this.#withdraw(files.map(({ fileName }) => fileName));
    if (end.kind !== 'finished') return end;
    const results: [string, StoredOutput][] = [];
    for (const [id, output] of outputs) {
      if (output.kind === 'value') results.push([id, output]);
      else results.push([id, await deliveredOutput(output, end.outputs[basename(output.file)])]);
    }
    return { kind: 'finished', results: Object.fromEntries(results) };
  }

  /** Removes what was delivered: another attempt has the job, or nobody wants it any more. */
  async withdraw(results: Results): Promise<void> {
    const outputs = Object.values(results);
    await this.#withdraw(
      outputs.flatMap((one) => (one.kind === 'delivered' ? [one.fileName] : [])),
    );
  }

  /** As far as that is possible; what an attempt leaves, the next one overwrites. */
  async #withdraw(fileNames: readonly string[]): Promise<void> {
    const folder = folderOf(this.#delivery.destination, this.#delivery.jobId);
    const keys = fileNames.map((name) => folder + name);
    await this.#run({ kind: 'withdraw', delivery: this.#delivery, keys });
  }
}

type FileOutput = Extract<Output, { kind: 'file' }>;

function fileOf({ file, mediaType }: FileOutput): DeliveryFile {
  return { path: file, fileName: basename(file), mediaType };
}

async function deliveredOutput({ file }: FileOutput, told: Output | undefined): Promise<Delivered> {
  if (told?.kind !== 'value') throw new Error(`The child did not say where ${file} is.`);
  const { key: _key, ...delivered } = told.value as unknown as DeliveredFile;
  const value = await smallDocument(file, delivered.mediaType);
  return { kind: 'delivered', ...delivered, ...(value !== undefined && { value }) };
}

async function smallDocument(file: string, mediaType: string): Promise<Json | undefined> {
  if (mediaType !== 'application/json' || (await stat(file)).size > largestValueBytes)
    return undefined;
  return JSON.parse(await readFile(file, 'utf8')) as Json;
}
