/** What a pickle of a state dict may hold: plain data with a tag. Dictionaries are Maps, so no key is special. */

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly kind: 'tuple'; readonly items: readonly PickleValue[] }
  | { readonly kind: 'list'; readonly items: PickleValue[] }
  | PickleDict
  | { readonly kind: 'global'; readonly name: GlobalName }
  | PickleStorage
  | PickleTensor;

export interface PickleDict {
  readonly kind: 'dict';
  /** True for an OrderedDict, which may carry attributes (`_metadata`). */
  readonly isOrdered: boolean;
  readonly entries: Map<PickleKey, PickleValue>;
}

export type PickleKey = null | boolean | number | bigint | string;

export type StorageType =
  'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'uint8' | 'bool';

/** A piece of memory in the archive, by its key. */
export interface PickleStorage {
  readonly kind: 'storage';
  readonly type: StorageType;
  readonly key: string;
  /** Number of elements. */
  readonly size: number;
}

/** A view of a storage, in elements. Checked: it ends inside. */
export interface PickleTensor {
  readonly kind: 'tensor';
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** The only names that a pickle may speak of; the machine knows what each means, and calls none of them. */
export const storageGlobals = {
  'torch FloatStorage': 'float32',
  'torch DoubleStorage': 'float64',
  'torch HalfStorage': 'float16',
  'torch BFloat16Storage': 'bfloat16',
  'torch LongStorage': 'int64',
  'torch IntStorage': 'int32',
  'torch ByteStorage': 'uint8',
  'torch BoolStorage': 'bool',
} as const satisfies Record<string, StorageType>;

const callables = [
  'collections OrderedDict',
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
] as const;

export type StorageGlobal = keyof typeof storageGlobals;
export type GlobalName = StorageGlobal | (typeof callables)[number];

const names: ReadonlyMap<string, GlobalName> = new Map(
  [...callables, ...(Object.keys(storageGlobals) as StorageGlobal[])].map((name) => [name, name]),
);

/** The name, if it is one of the known ones. */
export function knownGlobal(module: string, name: string): GlobalName | undefined {
  return names.get(`${module} ${name}`);
}

export function isStorageGlobal(name: GlobalName): name is StorageGlobal {
  return Object.hasOwn(storageGlobals, name);
}

/** What a value is, for messages. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  return typeof value === 'object' ? `a ${value.kind}` : `a ${typeof value}`;
}
