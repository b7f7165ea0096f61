/** Which entries of an unpickled checkpoint are the network's, and which only training used. */
import { shown } from '../../archives/fault.ts';
import { Fault } from './fault.ts';
import { limits } from './limits.ts';
import { kindOf, type PickleDict, type PickleTensor, type PickleValue } from './pickle-value.ts';

/** Where the network's tensors live. The graph builder knows which of them there have to be. */
const prefixes = ['senseiv2.', 'segmenter.'];
/** What DataParallel puts before every name. */
const parallelPrefix = 'module.';
/** Keys under which training programs keep the state dict. */
const wrappers = ['state_dict', 'model_state_dict', 'model'];

export interface Selected {
  readonly tensors: ReadonlyMap<string, PickleTensor>;
  readonly ignoredKeys: readonly string[];
}

/**
 * Unwraps the state dict, strips one `module.`, and parts the network's tensors from the rest.
 * @throws Fault when there is no such tensor, or when one of them is something else.
 */
export function selectTensors(root: PickleValue): Selected {
  if (!isDict(root)) throw new Fault(`it holds ${kindOf(root)}, not a dict of tensors.`);
  const { dict, others } = unwrapped(root);
  const tensors = new Map<string, PickleTensor>();
  const ignoredKeys = [...others];
  for (const [key, value] of dict.entries) {
    const name = networkName(key);
    if (name === undefined) {
      ignoredKeys.push(shown(String(key)));
      continue;
    }
    if (value === null || typeof value !== 'object' || value.kind !== 'tensor') {
      throw new Fault(`${shown(name)} is ${kindOf(value)}, not a tensor.`);
    }
    if (tensors.has(name))
      throw new Fault(`${shown(name)} is there twice, with and without module.`);
    tensors.set(name, value);
  }
  assertTensors(tensors, ignoredKeys);
  return { tensors, ignoredKeys };
}

function assertTensors(
  tensors: ReadonlyMap<string, PickleTensor>,
  ignored: readonly string[],
): void {
  if (tensors.size > limits.tensors) {
    throw new Fault(`it has ${tensors.size} tensors; at most ${limits.tensors} are accepted.`);
  }
  if (tensors.size > 0) return;
  const first = ignored.slice(0, 5).join(', ') || 'none';
  throw new Fault(
    `it has no tensor below ${prefixes.join(' or ')}: no SEnSeIv2 model. Its keys: ${first}.`,
  );
}

function unwrapped(root: PickleDict): { dict: PickleDict; others: readonly string[] } {
  const keys = [...root.entries.keys()];
  if (keys.some((key) => networkName(key) !== undefined)) return { dict: root, others: [] };
  for (const wrapper of wrappers) {
    const dict = root.entries.get(wrapper);
    if (dict === undefined || !isDict(dict)) continue;
    const others = keys.filter((key) => key !== wrapper).map((key) => shown(String(key)));
    return { dict, others };
  }
  return { dict: root, others: [] };
}

/** The key without `module.`, if it is the network's. */
function networkName(key: unknown): string | undefined {
  if (typeof key !== 'string') return undefined;
  const name = key.startsWith(parallelPrefix) ? key.slice(parallelPrefix.length) : key;
  return prefixes.some((prefix) => name.startsWith(prefix)) ? name : undefined;
}

function isDict(value: PickleValue): value is PickleDict {
  return value !== null && typeof value === 'object' && value.kind === 'dict';
}
