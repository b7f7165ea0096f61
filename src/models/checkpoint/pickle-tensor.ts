/** What the three callables of a state dict make of their arguments, without calling anything. */
import { shown } from '../../archives/fault.ts';
import { Fault } from './fault.ts';
import { limits } from './limits.ts';
import {
  isStorageGlobal,
  kindOf,
  storageGlobals,
  type GlobalName,
  type PickleStorage,
  type PickleTensor,
  type PickleValue,
} from './pickle-value.ts';

/** The value that the reduction `name(*parameters)` stands for. */
export function reduced(name: GlobalName, parameters: readonly PickleValue[]): PickleValue {
  if (name === 'torch._utils _rebuild_tensor_v2') return tensor(parameters);
  if (name === 'torch._utils _rebuild_parameter') return parameter(parameters);
  if (isStorageGlobal(name)) throw new Fault(`a call of ${name.replace(' ', '.')}`);
  if (parameters.length > 0) throw new Fault('an OrderedDict with arguments');
  return { kind: 'dict', isOrdered: true, entries: new Map() };
}

/** `('storage', type, key, location, size)`: where torch keeps the memory of a tensor. */
export function persistent(id: PickleValue): PickleStorage {
  if (!isTuple(id) || id.items.length !== 5) throw new Fault('a persistent id that is no storage');
  const [tag, type, key, location, size] = id.items;
  if (tag !== 'storage' || typeof location !== 'string') {
    throw new Fault('a persistent id that is no storage');
  }
  if (
    type == null ||
    typeof type !== 'object' ||
    type.kind !== 'global' ||
    !isStorageGlobal(type.name)
  ) {
    throw new Fault(`a storage whose type is ${kindOf(type)}`);
  }
  if (typeof key !== 'string' || !/^[\w-]{1,64}$/.test(key)) {
    throw new Fault(
      `a storage whose key is ${typeof key === 'string' ? `"${shown(key)}"` : kindOf(key)}`,
    );
  }
  return {
    kind: 'storage',
    type: storageGlobals[type.name],
    key,
    size: count(size, 'storage size'),
  };
}

/** `(storage, offset, shape, stride, requires_grad, hooks[, metadata])` */
function tensor(parameters: readonly PickleValue[]): PickleTensor {
  if (parameters.length < 6 || parameters.length > 7) {
    throw new Fault(`a tensor with ${parameters.length} arguments; 6 are needed`);
  }
  const [storage, offset, shape, stride] = parameters;
  if (storage == null || typeof storage !== 'object' || storage.kind !== 'storage') {
    throw new Fault(`a tensor whose storage is ${kindOf(storage)}`);
  }
  const view: PickleTensor = {
    kind: 'tensor',
    storage,
    offset: count(offset, 'offset'),
    shape: counts(shape, 'shape'),
    stride: counts(stride, 'stride'),
  };
  assertInside(view);
  return view;
}

/** `(data, requires_grad, hooks)` */
function parameter([data, ...others]: readonly PickleValue[]): PickleTensor {
  if (data == null || typeof data !== 'object' || data.kind !== 'tensor' || others.length !== 2) {
    throw new Fault(`a parameter whose data is ${kindOf(data)}`);
  }
  return data;
}

/** Elements of a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function assertInside({ storage, offset, shape, stride }: PickleTensor): void {
  if (shape.length !== stride.length) throw new Fault('a tensor with a shape and another stride');
  if (shape.includes(0)) return;
  let elements = 1;
  let last = offset;
  for (const [axis, length] of shape.entries()) {
    elements *= length;
    // Beyond exact integers both only grow: the comparisons below still hold.
    last += (length - 1) * (stride[axis] ?? 0);
  }
  if (elements > limits.elements) {
    throw new Fault(
      `a tensor of shape ${shape.join('×')}; at most ${limits.elements} elements are accepted`,
    );
  }
  if (last >= storage.size) {
    throw new Fault(
      `a tensor of shape ${shape.join('×')} that reaches beyond its storage of ${storage.size}`,
    );
  }
}

function counts(value: PickleValue | undefined, what: string): readonly number[] {
  if (value === undefined || !isTuple(value)) throw new Fault(`a ${what} that is ${kindOf(value)}`);
  if (value.items.length > limits.dimensions) {
    throw new Fault(
      `a tensor of ${value.items.length} dimensions; at most ${limits.dimensions} are accepted`,
    );
  }
  return value.items.map((item) => count(item, what));
}

function count(value: PickleValue | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const found =
    typeof value === 'number' || typeof value === 'bigint' ? shown(String(value)) : kindOf(value);
  throw new Fault(`a tensor whose ${what} is ${found}`);
}

function isTuple(value: PickleValue): value is Extract<PickleValue, { kind: 'tuple' }> {
  return value !== null && typeof value === 'object' && value.kind === 'tuple';
}
