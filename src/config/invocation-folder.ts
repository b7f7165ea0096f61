/** The folder in which the user typed the command: npm changes to the project's and leaves this behind. */
export function invocationFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['INIT_CWD'] || process.cwd();
}
