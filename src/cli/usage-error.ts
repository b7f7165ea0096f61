/** The command line cannot be understood: says why and how it is used. */
export class UsageError extends Error {
  override name = 'UsageError' as const;
  constructor(message: string, usage: string) {
    super(`${message}\n\n${usage}`);
  }
}
