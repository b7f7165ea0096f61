/**
 * What a failed request to an S3 service means. Answers of such services quote keys, signatures and what they like: nothing of
 * them goes on but a status, a code and a region that look like such.
 */
import { S3ServiceException } from '@aws-sdk/client-s3';
import { AddressNotAllowed } from '../errors.ts';
import { connectionTrouble, PassingFault } from '../outbound/fault.ts';

export type S3FaultKind =
  | 'stopped'
  | 'address'
  | 'no-bucket'
  | 'no-object'
  | 'no-upload'
  | 'denied'
  | 'unknown-key'
  | 'wrong-secret'
  | 'expired-token'
  | 'wrong-region'
  | 'clock'
  | 'full'
  | 'busy'
  | 'server'
  | 'unreachable'
  | 'cut'
  | 'untrusted'
  | 'damaged'
  | 'not-s3';

/** Trying again can help. */
const passing: readonly S3FaultKind[] = [
  'no-upload',
  'busy',
  'server',
  'unreachable',
  'cut',
  'damaged',
];

interface S3FaultDetails {
  readonly status?: number;
  /** Where the bucket is, if the service tells. */
  readonly region?: string | undefined;
}

export class S3Fault extends Error {
  readonly kind: S3FaultKind;
  readonly region: string | undefined;
  /** What was not possible, as policies of S3 name it: `s3:PutObject`. */
  readonly operation: string;

  /** `reason` is for the log. */
  constructor(kind: S3FaultKind, operation: string, reason: string, details: S3FaultDetails = {}) {
    super(reason, passing.includes(kind) ? { cause: new PassingFault(reason) } : undefined);
    this.kind = kind;
    this.operation = operation;
    this.region = details.region;
  }
}

/** Waits for the answer to a request. @throws S3Fault */
export async function answerTo<Answer>(operation: string, asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    throw s3Fault(operation, error);
  }
}

/** Undefined where the request ended with one of these faults. @throws S3Fault */
export async function unless<Answer>(
  kinds: readonly S3FaultKind[],
  asked: Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof S3Fault && kinds.includes(error.kind)) return undefined;
    throw error;
  }
}

/** Undefined where what was asked for is gone. @throws S3Fault */
export function unlessAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return unless(['no-object', 'no-upload'], asked);
}

const kindOfCode: Readonly<Record<string, S3FaultKind>> = {
  NoSuchBucket: 'no-bucket',
  NoSuchKey: 'no-object',
  NotFound: 'no-object',
  // Somebody else has ended the upload, or the answer to its end was lost.
  NoSuchUpload: 'no-upload',
  RequestTimeout: 'cut',
  IncompleteBody: 'cut',
  TimeoutError: 'cut',
  InvalidAccessKeyId: 'unknown-key',
  XAdminUserNotFound: 'unknown-key',
  SignatureDoesNotMatch: 'wrong-secret',
  ExpiredToken: 'expired-token',
  InvalidToken: 'expired-token',
  TokenRefreshRequired: 'expired-token',
  PermanentRedirect: 'wrong-region',
  TemporaryRedirect: 'wrong-region',
  AuthorizationHeaderMalformed: 'wrong-region',
  IllegalLocationConstraintException: 'wrong-region',
  RequestTimeTooSkewed: 'clock',
  QuotaExceeded: 'full',
  XMinioStorageFull: 'full',
  XMinioAdminBucketQuotaExceeded: 'full',
  EntityTooLarge: 'full',
  InsufficientCapacity: 'full',
  SlowDown: 'busy',
  TooManyRequests: 'busy',
  ServiceUnavailable: 'busy',
  BadDigest: 'damaged',
  InvalidDigest: 'damaged',
  XAmzContentSHA256Mismatch: 'damaged',
  XAmzContentChecksumMismatch: 'damaged',
};

/** Names the fault of a request; one that was named already, and what is no fault of a request, stays as it is. */
export function s3Fault(operation: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof S3Fault) return error;
  if (error instanceof AddressNotAllowed) return new S3Fault('address', operation, error.message);
  if (error.name === 'AbortError')
    return new S3Fault(isTimeout(error.cause) ? 'cut' : 'stopped', operation, 'stopped');
  const status = statusOf(error);
  if (status !== undefined) return answered(operation, error, status);
  const trouble = connectionTrouble(error);
  if (trouble === 'malformed') return new S3Fault('not-s3', operation, 'no readable answer');
  if (trouble !== undefined) return new S3Fault(trouble, operation, `connection ${trouble}`);
  return isTimeout(error) ? new S3Fault('cut', operation, 'nothing came for too long') : error;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Also of answers that are none of S3. */
function statusOf(error: Error): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function answered(operation: string, error: Error, status: number): S3Fault {
  const code = /^[A-Za-z][A-Za-z0-9]{1,63}$/.test(error.name) ? error.name : '';
  const known = Object.hasOwn(kindOfCode, code) ? kindOfCode[code] : undefined;
  const reason = [code, `status ${status}`].filter(Boolean).join(', ');
  return new S3Fault(known ?? kindOfStatus(status), operation, reason, { region: regionOf(error) });
}

function kindOfStatus(status: number): S3FaultKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'no-object';
  if (status === 301 || status === 307) return 'wrong-region';
  if (status === 408) return 'cut';
  if (status === 429 || status === 503) return 'busy';
  if (status === 507) return 'full';
  return status >= 500 ? 'server' : 'not-s3';
}

function regionOf(error: Error): string | undefined {
  if (!(error instanceof S3ServiceException)) return undefined;
  const { $response: response, Region: named } = error as S3ServiceException & { Region?: unknown };
  const told: unknown[] = [response?.headers['x-amz-bucket-region'], named];
  return told.find(
    (one): one is string => typeof one === 'string' && /^[a-z0-9-]{2,64}$/.test(one),
  );
}
