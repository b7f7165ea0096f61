/** Why jobs fail, in words for the user: what happened, and what can be done. */
import type { Failure } from './child-protocol.ts';

const again =
  'Nothing is known to be wrong with the request: execute it again, and tell the operator if it fails again.';

export const interrupted: Failure = {
  kind: 'interrupted',
  message: 'The server was stopped while the job was running. Execute the request again.',
};

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

/** Which file is wrong and how is in the server's log: paths of the server are not for its users. */
export const modelUnusable: Failure = {
  kind: 'model-unusable',
  message:
    'The model of this server cannot be used; its operator can mend it. Nothing is known to be wrong with the request: execute it again when the server is ready again (/readyz).',
};

/** Anything unforeseen. Details are in the server's log, not here. */
export const internal: Failure = {
  kind: 'internal',
  message: `The computation failed because of an error in the server. ${again}`,
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
    message: `The process that computed the job ended unexpectedly (${how}).${guess} ${again}`,
  };
}
