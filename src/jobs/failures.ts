/** Why jobs fail, in words for the user: what happened, and what can be done. */
import type { Failure, FailureKind } from './child-protocol.ts';
import type { AfterLoss } from './lease-store.ts';

const nobodysFault =
  'Nothing is known to be wrong with the request: tell the operator if it fails again.';

/** The worker of an attempt is gone. */
export const interrupted: Failure = {
  kind: 'interrupted',
  message: 'The server that computed the job ended unexpectedly.',
};

/**
 * How many attempts a job has when they are lost in a way that may pass. Everything else (bad input above all) is
 * final. A job that needed too much memory once will most likely need it again.
 */
const mostAttempts: Readonly<Partial<Record<FailureKind, number>>> = {
  crashed: 3,
  interrupted: 3,
  internal: 3,
  'delivery-failed': 3,
  'no-room': 3,
  'out-of-memory': 2,
};

/** Between a lost attempt and the next, by the number of attempts that were lost before. */
const defaultDelaysMs: readonly number[] = [2_000, 10_000];

/** What follows an attempt that was lost after others; undefined for a failure that is final in any case. */
export function afterLoss(
  failure: Failure,
  lostBefore: number,
  delaysMs = defaultDelaysMs,
): AfterLoss | undefined {
  const most = mostAttempts[failure.kind];
  if (most === undefined) return undefined;
  if (lostBefore + 1 >= most) return { kind: 'fail', failure: finalFailure(failure, most) };
  // The death of a worker says nothing about the job: it goes on at once.
  const delayMs =
    failure.kind === 'interrupted' ? 0 : (delaysMs[lostBefore] ?? delaysMs.at(-1) ?? 0);
  return { kind: 'retry', delayMs, message: `${failure.message} It is tried again.` };
}

function finalFailure({ kind, message }: Failure, attempts: number): Failure {
  return { kind, message: `${message} It was tried ${attempts} times. ${nobodysFault}` };
}

export function outOfMemory(limitMb: number): Failure {
  return {
    kind: 'out-of-memory',
    message: `The job needed more than the ${limitMb} MB of memory that the operator allows for one job (JOB_MEMORY_MB), and was stopped.`,
  };
}

export function outOfTime(limitMinutes: number): Failure {
  return {
    kind: 'out-of-time',
    message: `The job ran longer than the ${limitMinutes} minutes that the operator allows for one job (JOB_MINUTES), and was stopped. A larger stride is faster.`,
  };
}

export function transferOutOfTime(limitMinutes: number): Failure {
  return {
    kind: 'out-of-time',
    message: `The product had not come within the ${limitMinutes} minutes that the operator allows for one job (JOB_MINUTES), and its transfer was stopped. Execute the request again, or take the product from another place.`,
  };
}

export function deliveryOutOfTime(limitMinutes: number): Failure {
  return {
    kind: 'out-of-time',
    message: `The results had not arrived in the bucket within the ${limitMinutes} minutes that the operator allows for one job (JOB_MINUTES).`,
  };
}

/** The disk of the server is full. */
export const noRoom: Failure = {
  kind: 'no-room',
  message: 'The server had no room left while it computed.',
};

/** Keys that cannot be opened any more. */
export const secretsLost: Failure = {
  kind: 'bad-input',
  message:
    'The operator has changed the secret with which your keys were sealed. Execute the request again.',
};

/** Which file is wrong and how is in the server's log: paths of the server are not for its users. */
export const modelUnusable: Failure = {
  kind: 'model-unusable',
  message:
    'The model of this server cannot be used; its operator can mend it. Nothing is known to be wrong with the request: execute it again when the server is ready again (/readyz).',
};

/** Anything unforeseen. Details are in the server's log, not here. */
export const internal: Failure = {
  kind: 'internal',
  message: 'The computation failed because of an error in the server.',
};

const fileTooLarge: Failure = {
  kind: 'file-too-large',
  message: 'The job wrote a file that is larger than any of its files can be, and was stopped.',
};

/** A child that went away without a word. */
export function describeExit(exit: { code: number | null; signal: string | null }): Failure {
  if (exit.signal === 'SIGXFSZ') return fileTooLarge;
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by signal ${exit.signal}`;
  const guess =
    exit.signal === 'SIGKILL'
      ? ' The system kills processes in this way when its memory runs out.'
      : '';
  return {
    kind: 'crashed',
    message: `The process that computed the job ended unexpectedly (${how}).${guess}`,
  };
}
