import type { Request, Response } from 'express';
import type { Jobs } from '../jobs/jobs.ts';
import type { Log } from '../log.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import type { ExecutionRequest } from '../processes/execution-request.ts';
import type { Process, Registry } from '../processes/registry.ts';
import type { ValueOutput } from '../processes/run-in-place.ts';
import type { Storage } from '../storage/storage.ts';
import type { Access } from './access.ts';
import type { Links } from './links.ts';
import type { ObserveRequest } from './observed-request.ts';
import type { OperationsSource } from './operations.ts';

/** Whether something that the server needs answers. A server that stops does not ask. */
type Answering = 'ok' | 'does not answer' | 'not asked';

/** What `GET /readyz` tells an operator. */
export interface Readiness {
  readonly status: 'ready' | 'not ready' | 'stopping';
  readonly database: Answering;
  /** Of the store of results. */
  readonly results: Answering;
  readonly gdal: {
    readonly version?: string;
    readonly missingDrivers?: readonly string[];
    readonly message?: string;
  };
  readonly model: {
    readonly id: string;
    readonly isPresent: boolean;
    /** Absent until its files have been checked. */
    readonly isUsable?: boolean;
    readonly message?: string;
  };
  /** By status; empty when the database did not tell. */
  readonly jobs: Readonly<Record<string, number>>;
}

/** Everything that the handlers may ask. */
export interface Api {
  readonly registry: Registry;
  readonly jobs: Jobs;
  readonly storage: Storage;
  readonly links: Links;
  readonly log: Log;
  /** Hears of each request. */
  readonly observeRequest: ObserveRequest;
  /** What operators read at the public port; absent where they have one of their own. */
  readonly figures?: OperationsSource;
  readonly access: Access;
  readonly maxBodyBytes: number;
  /** Where subscribers of jobs may be. */
  readonly callbackPolicy: OutboundPolicy;
  /** Checks the signature in a result link. */
  isResultSignature(jobId: string, signature: string): boolean;
  runInPlace(
    process: Process,
    request: ExecutionRequest,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, ValueOutput>>>;
  readiness(): Promise<Readiness>;
}

/** Reads the request, asks the domain, answers. Errors rise to the one error handler. */
export type Handler = (api: Api, request: Request, response: Response) => Promise<void> | void;

/** A parameter of the path; the router guarantees that it is there. */
export function pathParameter(request: Request, name: string): string {
  return String(request.params[name]);
}
