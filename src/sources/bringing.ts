/** What all ways of bringing a product share: where it goes, how much may come, and who hears of it. */
import type { OutboundClient } from '../outbound/client.ts';
import { S3Bucket } from '../s3/bucket.ts';
import type { Budget } from './budget.ts';
import { bucketOf, type ProductPlaces } from './product-gate.ts';
import type { ProductReference } from './product-reference.ts';

const MB = 1_000_000;

export interface Bringing {
  readonly places: ProductPlaces;
  readonly client: OutboundClient;
  readonly buckets: Buckets;
  readonly budget: Budget;
  /** Empty folder that receives the product. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly meter: Meter;
}

/** Counts what comes, and tells it. */
export class Meter {
  readonly #tell: (percent: number, message: string) => void;
  #received = 0;
  #total: number | undefined;
  #what = 'the product';

  constructor(tell: (percent: number, message: string) => void) {
    this.#tell = tell;
  }

  get received(): number {
    return this.#received;
  }

  /** From here on this is brought, of so many bytes in all where that is known. */
  begin(what: string, total: number | undefined): void {
    this.#what = what;
    this.#total = total;
    this.#report();
  }

  count(bytes: number): void {
    this.#received += bytes;
    this.#report();
  }

  #report(): void {
    const received = `${(this.#received / MB).toFixed(0)} MB`;
    if (this.#total === undefined) this.#tell(0, `Bringing ${this.#what}: ${received}`);
    else {
      const share = Math.min(1, this.#received / Math.max(1, this.#total));
      const total = (this.#total / MB).toFixed(0);
      this.#tell(100 * share, `Bringing ${this.#what}: ${received} of ${total} MB`);
    }
  }
}

/** The configured buckets, each with one client that is made when it is needed. */
export class Buckets {
  readonly #places: ProductPlaces;
  readonly #open = new Map<string, S3Bucket>();

  constructor(places: ProductPlaces) {
    this.#places = places;
  }

  /** @throws ProductRefused when the bucket is not configured */
  of(reference: ProductReference & { kind: 's3' }): S3Bucket {
    const access = bucketOf(reference, this.#places.buckets);
    const bucket = this.#open.get(access.bucket) ?? new S3Bucket(access);
    this.#open.set(access.bucket, bucket);
    return bucket;
  }

  close(): void {
    for (const bucket of this.#open.values()) bucket.close();
  }
}
