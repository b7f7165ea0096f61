/** How many bytes one job may bring, all its files together. */
import { statfs } from 'node:fs/promises';
import { ProductRefused, TransferFailed } from '../errors.ts';

const MiB = 1024 * 1024;
/** What a job writes besides: the mask and its pictures. */
const reserve = 512 * MiB;

export class Budget {
  readonly maxBytes: number;
  #left: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  get left(): number {
    return this.#left;
  }

  /** @throws ProductRefused when it is more than is left */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new ProductRefused(
      `the product is larger than the ${Math.floor(this.maxBytes / MiB)} MB that the operator allows for one product (PRODUCT_MB).`,
    );
  }
}

const noRoom =
  'the server has no room for the product at present. Execute the request again later.';

/** @throws TransferFailed when the disk cannot take so many bytes */
export async function assertRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < bytes + reserve) throw new TransferFailed(noRoom);
}

/** Others write to the disk as well: the error of one that is full after all, as what it means; any other as it is. */
export function roomFault(error: unknown): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new TransferFailed(noRoom, { cause: error })
    : error;
}
