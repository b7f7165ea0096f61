/**
 * Every error of the domain, one class per cause. Nothing here knows HTTP: `http/problem.ts` says
 * what a client sees, `jobs/` says what a failed job keeps.
 */

/** Base of all errors that this project raises on purpose. `message` is written for the user. */
export abstract class DomainError extends Error {}

/** One fault of one input of an execute request. */
export interface InputFault {
  /** Id of the input, or the path inside it (`product`, `inputs/stride`). */
  readonly input: string;
  /** What was found and what is accepted. */
  readonly message: string;
}

/** The execute request does not fit the process description. All faults are reported at once. */
export class InvalidInputs extends DomainError {
  override name = 'InvalidInputs' as const;
  readonly faults: readonly InputFault[];
  constructor(faults: readonly InputFault[]) {
    super(faults.map((fault) => `${fault.input}: ${fault.message}`).join('; '));
    this.faults = faults;
  }
}

/** A query parameter does not have an accepted value. */
export class InvalidParameter extends DomainError {
  override name = 'InvalidParameter' as const;
  constructor(parameter: string, found: string, accepted: string) {
    super(`${parameter}: found ${found}; accepted: ${accepted}`);
  }
}

/** A header of a request does not have an accepted value. */
export class InvalidHeader extends DomainError {
  override name = 'InvalidHeader' as const;
  constructor(header: string, accepted: string) {
    super(`The header ${header} is not valid; accepted: ${accepted}.`);
  }
}

/** Another request was sent with the same `Idempotency-Key` before. */
export class KeyReused extends DomainError {
  override name = 'KeyReused' as const;
  constructor(jobId: string) {
    super(
      `Another execute request was sent with this Idempotency-Key before, for job "${jobId}". Repeat it as it was, or take a new key.`,
    );
  }
}

/** The request brings nothing that says who asks, and only those who are known are answered. */
export class CredentialsMissing extends DomainError {
  override name = 'CredentialsMissing' as const;
  constructor(accepted: string) {
    super(`This is answered only to those who say who they are. ${accepted}`);
  }
}

/** What the request brings to say who asks is not accepted. The message quotes nothing of it. */
export class CredentialsRefused extends DomainError {
  override name = 'CredentialsRefused' as const;
}

/** Tokens cannot be judged, because their issuer does not tell its keys; that may pass. */
export class IssuerUnavailable extends DomainError {
  override name = 'IssuerUnavailable' as const;
  constructor(issuer: string, options?: ErrorOptions) {
    super(`The token cannot be checked: ${issuer} does not answer at present.`, options);
  }
}

/** Somebody asks more often than they may. */
export class TooManyRequests extends DomainError {
  override name = 'TooManyRequests' as const;
  /** Until they may ask again. */
  readonly seconds: number;
  constructor(what: string, most: number, seconds: number) {
    super(
      `Too many ${what}: at most ${most} a minute are accepted from you. Ask again in ${seconds} s.`,
    );
    this.seconds = seconds;
  }
}

/** The disk of the server is full or cannot be written: nothing was kept. */
export class NoRoom extends DomainError {
  override name = 'NoRoom' as const;
  constructor(options?: ErrorOptions) {
    super(
      'The server cannot keep anything at present. Nothing was changed; try again later.',
      options,
    );
  }
}

const longestRefusal = 2000;

/**
 * The product cannot be masked, and repeating the job would not help: names the file and what is wrong. Messages quote what
 * strangers wrote, which may be long and hold characters that change how the rest is read: one line, of bounded length.
 */
export class ProductRefused extends DomainError {
  override name = 'ProductRefused' as const;
  constructor(message: string, options?: ErrorOptions) {
    const line = message.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
    super(line.length > longestRefusal ? `${line.slice(0, longestRefusal)}…` : line, options);
  }
}

/** An address that a user gave is none that this server may call: neither its host's address nor the reason is told. */
export class AddressNotAllowed extends DomainError {
  override name = 'AddressNotAllowed' as const;
}

/** What a user named cannot be brought: says the name as the user gave it and the class of the answer. */
export class TransferFailed extends DomainError {
  override name = 'TransferFailed' as const;
}

/** What was sealed for a job cannot be opened: the secret of the server was changed, or the text was. */
export class SecretsLost extends DomainError {
  override name = 'SecretsLost' as const;
}

/** Results cannot be delivered to the user's bucket as it was named, and repeating would not help: says what to change. Never holds a key. */
export class DeliveryRefused extends DomainError {
  override name = 'DeliveryRefused' as const;
}

/** Results could not be delivered, though nothing is known to be wrong with the request. Never holds a key. */
export class DeliveryFailed extends DomainError {
  override name = 'DeliveryFailed' as const;
}

/** A model folder is missing, incomplete or damaged: the operator's business. */
export class ModelUnusable extends DomainError {
  override name = 'ModelUnusable' as const;
}

/** A checkpoint cannot be read or does not fit its configuration: names the file or tensor and what is wrong. */
export class CheckpointRefused extends DomainError {
  override name = 'CheckpointRefused' as const;
}

/** The work was stopped on request (dismissed job, interrupted command). */
export class Cancelled extends DomainError {
  override name = 'Cancelled' as const;
  constructor(message = 'The work was cancelled.') {
    super(message);
  }
}

/** No process has this id. */
export class NoSuchProcess extends DomainError {
  override name = 'NoSuchProcess' as const;
  constructor(id: string, known: readonly string[]) {
    super(`There is no process "${id}". Processes: ${known.join(', ')}.`);
  }
}

/** No job has this id (it may have been removed after the retention time). */
export class NoSuchJob extends DomainError {
  override name = 'NoSuchJob' as const;
  constructor(id: string) {
    super(`There is no job "${id}".`);
  }
}

/** The job has no output of this id. */
export class NoSuchOutput extends DomainError {
  override name = 'NoSuchOutput' as const;
  constructor(id: string, known: readonly string[]) {
    super(`The job has no output "${id}". Outputs: ${known.join(', ')}.`);
  }
}

/** The job exists but has not finished, so it has no results yet. */
export class ResultsNotReady extends DomainError {
  override name = 'ResultsNotReady' as const;
  constructor(id: string, status: string) {
    super(`Job "${id}" is ${status}: its results are not ready yet.`);
  }
}

/** The results existed and were removed after the time for which they are kept. */
export class ResultsExpired extends DomainError {
  override name = 'ResultsExpired' as const;
  constructor(days: number) {
    super(`The results were removed: they are kept for ${days} days. Run the job again.`);
  }
}

/** The job was dismissed; it is known, but nothing can be done with it any more. */
export class JobDismissed extends DomainError {
  override name = 'JobDismissed' as const;
  constructor(id: string) {
    super(`Job "${id}" was dismissed; its results were removed.`);
  }
}

/** Results were asked of a job that failed. `kind` is the kind of the job's failure. */
export class JobFailed extends DomainError {
  override name = 'JobFailed' as const;
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** So many jobs wait already that a new one is not accepted. */
export class QueueFull extends DomainError {
  override name = 'QueueFull' as const;
  constructor(most: number) {
    super(
      `${most} jobs are waiting already, which is the most that this server takes. Try again later.`,
    );
  }
}

/** What one owner has waiting, and may have. */
export type Quota =
  | { readonly kind: 'jobs'; readonly most: number; readonly waiting: number }
  /** `asked`: windows of the job that was refused. */
  | {
      readonly kind: 'windows';
      readonly most: number;
      readonly waiting: number;
      readonly asked: number;
    };

/** An owner has so much waiting already that a new job is not accepted. */
export class QuotaReached extends DomainError {
  override name = 'QuotaReached' as const;
  constructor(quota: Quota) {
    const { most, waiting } = quota;
    super(
      quota.kind === 'jobs'
        ? `You have ${waiting} jobs waiting already; the most that one user may have waiting is ${most}. Try again when some of them run, or dismiss some.`
        : `Your waiting jobs need ${waiting} windows and this one ${quota.asked}; the most that one user may have waiting is ${most}. Try again when some of them run, or take a larger stride, which needs fewer.`,
    );
  }
}

/** So many synchronous executions run already that a new one is not begun. */
export class TooBusy extends DomainError {
  override name = 'TooBusy' as const;
  constructor(most: number) {
    super(
      `${most} synchronous executions are running already, which is the most at once. Try again in a moment, or execute as a job (Prefer: respond-async).`,
    );
  }
}

/** The server cannot start or go on with these settings: says what to change. For the operator. */
export class Misconfigured extends DomainError {
  override name = 'Misconfigured' as const;
}

/** The database, the store or a description is damaged or missing. For the operator. */
export class Unusable extends DomainError {
  override name = 'Unusable' as const;
}

/** The store of the results does not answer, or not as it should; that may pass. */
export class StoreUnavailable extends DomainError {
  override name = 'StoreUnavailable' as const;
}

/** The database does not answer; that may pass. What was asked for may have been done or not. */
export class DatabaseUnavailable extends DomainError {
  override name = 'DatabaseUnavailable' as const;
  constructor(options?: ErrorOptions) {
    super('The database of the server does not answer at present. Try again in a moment.', options);
  }
}
