/**
 * The life of a job. Words: a *job* is one run of a process; an *attempt* is one try at it, numbered
 * from 1; the *lease* of an attempt (number and token) is the right to write about it; to *publish*
 * is the single write that makes results visible.
 */
import type { ExecutionRequest } from '../processes/execution-request.ts';
import type { Json } from '../processes/process.ts';
import type { Stored } from '../storage/storage.ts';
import type { Failure } from './child-protocol.ts';

/** Which state may follow which. Every change is one conditional update whose row count is looked at. */
export const successors = {
  accepted: ['running', 'failed', 'dismissed'],
  running: ['successful', 'failed', 'dismissed'],
  successful: ['dismissed'],
  failed: ['dismissed'],
  dismissed: [],
} as const satisfies Record<string, readonly string[]>;

/** Owner of the jobs of those who do not say who they are. */
export const anonymous = 'anonymous';

export type JobStatus = keyof typeof successors;

/** States from which `next` may be reached. */
export function predecessors(next: JobStatus): JobStatus[] {
  const all = Object.keys(successors) as JobStatus[];
  return all.filter((status) => (successors[status] as readonly JobStatus[]).includes(next));
}

/** One published output. */
export type StoredOutput =
  | { readonly kind: 'value'; readonly value: Json; readonly mediaType?: string }
  | ({ readonly kind: 'file' } & Stored)
  | Delivered;

/** A file that lies in a bucket of the user's, where this server cannot read it any more. */
export interface Delivered {
  readonly kind: 'delivered';
  /** Its address at the user's S3 service, without a signature. */
  readonly href: string;
  /** `s3://bucket/key` */
  readonly uri: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly fileName: string;
  /** The content of a small JSON document. */
  readonly value?: Json;
}

export type Results = Readonly<Record<string, StoredOutput>>;

/** What the status of a job tells. Times are ISO 8601 in UTC, ending in Z. */
export interface JobSummary {
  readonly id: string;
  readonly processId: string;
  /** Who may see it: `anonymous`, or a name that authentication gives. */
  readonly owner: string;
  readonly status: JobStatus;
  readonly attempt: number;
  /** Percent, integer, never falls within an attempt. */
  readonly progress: number;
  readonly message: string;
  readonly created: string;
  /** When computing began. */
  readonly started?: string;
  readonly finished?: string;
  readonly updated: string;
  /** When the results were removed because of their age. */
  readonly expired?: string;
  /** Absent where nothing was published, or it is gone. */
  readonly hasResults?: true;
}

export interface Job extends JobSummary {
  readonly request: ExecutionRequest;
  readonly failure?: Failure;
  readonly results?: Results;
}

/** One thing that happened to a job, in words for its user. */
export interface LogLine {
  readonly time: string;
  readonly message: string;
}

/** The right to write about one attempt of one job. */
export interface Lease {
  readonly jobId: string;
  readonly attempt: number;
  readonly token: string;
}
