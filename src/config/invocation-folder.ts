/** The folder in which the user typed the command: npm changes to the project's and leaves this behind. */
export function invocationFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return environment['INIT_CWD'] || process.cwd();
}
