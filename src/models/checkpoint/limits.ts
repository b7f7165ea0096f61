/** How much a checkpoint may ask for. Far above real ones, far below what harms the machine. */
const MiB = 2 ** 20;
const GiB = 2 ** 30;

export const limits = {
  entries: 20_000,
  /** Longest name in the archive, in UTF-16 units. */
  nameLength: 512,
  /** All entries unpacked. */
  totalBytes: 4 * GiB,
  /** Unpacked bytes for each packed byte, beyond a first MiB: weights hardly pack. */
  ratio: 100,
  pickleBytes: 64 * MiB,
  /** `version` and `byteorder`. */
  noteBytes: 64,
  opcodes: 2_000_000,
  /** Values on the stack, and values in the memo. */
  values: 1_000_000,
  /** Open marks: containers being built within each other. */
  marks: 1_000,
  stringBytes: MiB,
  tensors: 20_000,
  dimensions: 16,
  /** Elements of one tensor. */
  elements: 2 ** 28,
  /** One storage, unpacked; more cannot be read at once. */
  storageBytes: 2 * GiB - 4096,
  /** Views may show more than there is (stride 0): float32 bytes for each byte in the archive, beyond a first 16 MiB. */
  expansion: 8,
  expansionFreeBytes: 16 * MiB,
} as const;
