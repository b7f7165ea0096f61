/** Messages between the supervisor (server process) and the child process that runs one attempt of one job. */
import type { Delivery, DeliveryFile } from '../delivery/delivery.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import type { Inputs, Outputs } from '../processes/process.ts';
import type { LocalPlaces } from '../sources/local-product.ts';
import type { ProductPlaces } from '../sources/product-gate.ts';

/** What the child needs from the configuration. No secrets, no database, no credentials. */
export interface ChildSettings {
  readonly modelsDirectory: string;
  readonly modelId: string;
  readonly modelDevice: 'auto' | 'cpu' | 'cuda' | 'webgpu';
  /** Threads for inference. */
  readonly threads: number;
  /** Where products may lie, as the operator wrote it: links are followed when they are used. */
  readonly localPlaces: LocalPlaces;
}

/** What the transfer child needs from the configuration: the only child that has the network, and keys. */
export interface TransferSettings {
  readonly places: ProductPlaces;
  /** What one job may bring, all its files together. */
  readonly maxBytes: number;
  /** Where results may be delivered to. */
  readonly delivery: OutboundPolicy;
}

/** Supervisor → transfer child, once: see whether results may be written there, before they are computed. */
export interface CheckDeliveryOrder {
  readonly kind: 'check-delivery';
  readonly delivery: Delivery;
}

/** Supervisor → transfer child, once: take results to the user's bucket. */
export interface DeliverOrder {
  readonly kind: 'deliver';
  readonly delivery: Delivery;
  readonly files: readonly DeliveryFile[];
}

/** Supervisor → transfer child, once: remove what was delivered, because the attempt has lost its job. */
export interface WithdrawOrder {
  readonly kind: 'withdraw';
  readonly delivery: Delivery;
  readonly keys: readonly string[];
}

/** What the child with the network may be told to do. */
export type TransferOrder = BringOrder | CheckDeliveryOrder | DeliverOrder | WithdrawOrder;

/** Supervisor → transfer child, once: bring what the inputs name into `directory`. */
export interface BringOrder {
  readonly kind: 'bring';
  readonly processId: string;
  readonly inputs: Inputs;
  /** Empty folder (absolute path). */
  readonly directory: string;
  readonly settings: TransferSettings;
}

/** Supervisor → child, once. */
export interface RunOrder {
  readonly kind: 'run';
  readonly processId: string;
  readonly inputs: Inputs;
  /** Folders (absolute paths) with what the transfer child has brought, by input id. */
  readonly brought: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly resultsUrl: string;
  /** Ids of the requested outputs. */
  readonly outputs: readonly string[];
  readonly settings: ChildSettings;
}

/** Why an attempt failed; decides the status code of the results resource. */
export type FailureKind =
  | 'bad-input'
  | 'transfer-failed'
  | 'delivery-failed'
  | 'no-room'
  | 'model-unusable'
  | 'internal'
  | 'crashed'
  | 'out-of-memory'
  | 'file-too-large'
  | 'out-of-time'
  | 'interrupted';

export interface Failure {
  readonly kind: FailureKind;
  /** For the user: what happened and what can be done. */
  readonly message: string;
}

/** Supervisor → child: stop soon. */
export interface CancelOrder {
  readonly kind: 'cancel';
}

/** Supervisor → child, once: say what the native libraries are and whether the model is whole, then end. */
export interface ProbeOrder {
  readonly kind: 'probe';
  readonly modelsDirectory: string;
  readonly modelId: string;
}

export type ChildOrder = RunOrder | TransferOrder | CancelOrder | ProbeOrder;

/** What GDAL in the child is and can. */
export interface RasterReport {
  readonly gdal: string;
  readonly drivers: readonly string[];
  readonly missingDrivers: readonly string[];
}

/** Whether the files of the model are there and have the sizes and checksums of its manifest. */
export type ModelReport =
  | { readonly kind: 'usable'; readonly sha256: string }
  /** What is missing or damaged, for the operator. */
  | { readonly kind: 'unusable'; readonly message: string };

/** Child → supervisor. Exactly one `finished` or `failed` ends an attempt. */
export type ChildReport =
  | { readonly kind: 'progress'; readonly percent: number; readonly message: string }
  /** For the operator's log. */
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'finished'; readonly outputs: Outputs }
  | { readonly kind: 'checked'; readonly model: ModelReport }
  | { readonly kind: 'probed'; readonly raster: RasterReport }
  | { readonly kind: 'failed'; readonly failure: Failure };
