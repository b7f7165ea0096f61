/** Clients of S3 services: what all of them have in common. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { GuardedAgents } from '../outbound/guarded-agents.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface S3Place {
  /** Root of the S3 service; absent: AWS. */
  readonly endpointUrl?: string;
  /** Absent: what the settings of the SDK say. */
  readonly region?: string;
  /** Bucket in the path instead of the host name. */
  readonly pathStyle: boolean;
}

export interface S3ClientOptions {
  /** Absent: those that the SDK finds (environment, profile, role). `none`: requests are not signed (public buckets). */
  readonly credentials?: S3Credentials | 'none';
  /** Through which all connections go. */
  readonly agents?: GuardedAgents;
  /** How long nothing may come or go. */
  readonly idleMs?: number;
  /** How long an answer may take to begin; absent: as long as something comes or goes. */
  readonly answerMs?: number;
  /** Ends all requests but those that remove something. */
  readonly signal?: AbortSignal;
  /** Other settings of the SDK. */
  readonly sdk?: Pick<S3ClientConfig, 'maxAttempts' | 'responseChecksumValidation'>;
}

const connectMs = 5000;
const defaultIdleMs = 30_000;
/** What cleans up after the signal has fired shall end soon. */
const removalMs = 5000;

/** A client that follows no redirect and asks no other host. Whoever makes it calls `destroy`. */
export function createS3Client(place: S3Place, options: S3ClientOptions): S3Client {
  const { endpointUrl: endpoint, region, pathStyle } = place;
  const client = new S3Client({
    forcePathStyle: pathStyle,
    followRegionRedirects: false,
    disableMultiregionAccessPoints: true,
    // With this header the SDK takes an agent of its own unless it notices that it was given one: none may depend on that.
    expectContinueHeader: false,
    requestHandler: handlerOf(options),
    // Quick ones only: who uploads a file repeats with longer pauses.
    maxAttempts: 3,
    ...options.sdk,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...signing(options.credentials),
  });
  if (options.signal !== undefined) endWith(client, options.signal);
  return client;
}

function handlerOf({
  agents,
  idleMs = defaultIdleMs,
  answerMs,
}: S3ClientOptions): NonNullable<S3ClientConfig['requestHandler']> {
  return {
    connectionTimeout: connectMs,
    socketTimeout: idleMs,
    ...(answerMs !== undefined && { requestTimeout: answerMs, throwOnRequestTimeout: true }),
    ...agents,
  };
}

function signing(
  credentials: S3ClientOptions['credentials'],
): Pick<S3ClientConfig, 'credentials' | 'signer'> {
  if (credentials === undefined) return {};
  if (credentials !== 'none') return { credentials };
  // Without any, the SDK would look for some.
  const nobody = { accessKeyId: '', secretAccessKey: '' };
  return { credentials: nobody, signer: { sign: async (request) => request } };
}

/** The uploads of the SDK hand no signal to their requests, so that it is done for all of them. */
function endWith({ config }: S3Client, signal: AbortSignal): void {
  const handler = config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = (request, options) => {
    const isRemoval = request.method === 'DELETE';
    const abortSignal = isRemoval ? AbortSignal.timeout(removalMs) : signal;
    return handle(request, { ...options, abortSignal });
  };
}
