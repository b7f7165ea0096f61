/** Something the user can mend, or has asked for. Shown without a stack trace. */
export class UserError extends Error {
  override name: 'UserError' | 'Interrupted' = 'UserError';
  readonly exitCode: number = 1;
}

/** The user has stopped the demo. */
export class Interrupted extends UserError {
  override name = 'Interrupted' as const;
  override readonly exitCode = 130;
  constructor() {
    super('\nInterrupted: the job is dismissed and the server stopped.');
  }
}
