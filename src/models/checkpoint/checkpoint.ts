/**
 * From a file of `torch.save` to the tensors that inference needs. The file is hostile until it is read: the
 * archive is bounded (archive.ts), its pickle is interpreted and never run (pickle-machine.ts), and views of
 * tensors are checked against the memory that is there (pickle-tensor.ts).
 */
import { basename } from 'node:path';
import { ArchiveFault, shown } from '../../archives/fault.ts';
import { CheckpointRefused } from '../../errors.ts';
import type { CheckpointTensor, StateDict } from '../convert/state-dict.ts';
import { withArchive, type Archive } from './archive.ts';
import { Fault } from './fault.ts';
import { limits } from './limits.ts';
import { unpickle } from './pickle-machine.ts';
import { elementsOf } from './pickle-tensor.ts';
import type { PickleStorage, PickleTensor } from './pickle-value.ts';
import { selectTensors } from './state-dict-keys.ts';
import { elementBytes, tensorData } from './tensor-data.ts';

export interface Checkpoint {
  /** What lies below `senseiv2.` and `segmenter.`, in the file's order. */
  readonly tensors: StateDict;
  /** Other keys, as the file names them: training only. */
  readonly ignoredKeys: readonly string[];
}

/**
 * Reads a checkpoint in PyTorch's zip form. Nothing of the file is ever executed.
 * @throws CheckpointRefused naming the file and what is wrong with it.
 */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  try {
    return await withArchive(file, read);
  } catch (error) {
    if (error instanceof ArchiveFault) {
      throw new CheckpointRefused(`${basename(file)} is refused: ${error.message}`, {
        cause: error,
      });
    }
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new CheckpointRefused(`${file} cannot be read (${code}).`, { cause: error });
  }
}

async function read(archive: Archive): Promise<Checkpoint> {
  const { tensors, ignoredKeys } = selectTensors(unpickle(archive.pickle));
  assertAffordable(tensors, archive.totalBytes);
  const data = await readValues(tensors, archive);
  const entries = [...tensors].map(([key, tensor]): [string, CheckpointTensor] => [
    key,
    { shape: tensor.shape, dtype: tensor.storage.type, data: data.get(key) ?? new Float32Array() },
  ]);
  return { tensors: new Map(entries), ignoredKeys };
}

/** A view may repeat its memory: a small file must not ask for a large one. */
function assertAffordable(tensors: ReadonlyMap<string, PickleTensor>, totalBytes: number): void {
  const most = Math.min(
    limits.expansionFreeBytes + limits.expansion * totalBytes,
    limits.totalBytes,
  );
  const needed = [...tensors.values()].reduce((sum, { shape }) => sum + 4 * elementsOf(shape), 0);
  if (needed > most) {
    throw new Fault(`its tensors need ${needed} bytes of memory; at most ${most} are accepted.`);
  }
}

/** Reads each storage once, and forgets it before the next. */
async function readValues(
  tensors: ReadonlyMap<string, PickleTensor>,
  archive: Archive,
): Promise<ReadonlyMap<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const { storage, views } of byStorage(tensors)) {
    const bytes = await archive.storage(storage.key, storage.size * elementBytes[storage.type]);
    for (const [key, tensor] of views) values.set(key, finite(key, tensorData(tensor, bytes)));
  }
  return values;
}

interface StorageViews {
  readonly storage: PickleStorage;
  readonly views: [key: string, tensor: PickleTensor][];
}

function byStorage(tensors: ReadonlyMap<string, PickleTensor>): Iterable<StorageViews> {
  const groups = new Map<string, StorageViews>();
  for (const [key, tensor] of tensors) {
    const { storage } = tensor;
    const group = groups.get(storage.key) ?? { storage, views: [] };
    if (storage.type !== group.storage.type || storage.size !== group.storage.size) {
      throw new Fault(`${shown(key)} sees storage ${storage.key} otherwise than another tensor.`);
    }
    group.views.push([key, tensor]);
    groups.set(storage.key, group);
  }
  return groups.values();
}

/** A network with a NaN answers NaN everywhere; found here, it still has a name. */
function finite(key: string, values: Float32Array): Float32Array {
  if (values.every(Number.isFinite)) return values;
  throw new Fault(`${shown(key)} has values that are no finite numbers.`);
}
