/** The executable: which command? */
import { UsageError } from './cli/usage-error.ts';
import { DomainError } from './errors.ts';

type Command = (args: readonly string[]) => Promise<void> | void;

/** Imported when they are used: the server must not load what only the pipeline needs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./cli/serve.ts')).serveCommand,
  work: async () => (await import('./cli/work.ts')).workCommand,
  mask: async () => (await import('./cli/mask.ts')).maskCommand,
  models: async () => (await import('./cli/models.ts')).modelsCommand,
  keys: async () => (await import('./cli/keys.ts')).keysCommand,
  settings: async () => (await import('./cli/settings.ts')).settingsCommand,
  openapi: async () => (await import('./cli/openapi.ts')).openapiCommand,
};

/** True where the message says it all and a stack would only frighten. */
function isForReader(error: unknown): error is Error {
  if (error instanceof DomainError || error instanceof UsageError) return true;
  return String((error as { code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS');
}

const [first = 'serve', ...others] = process.argv.slice(2);
const isOption = first.startsWith('-');

try {
  const load = commands[isOption ? 'serve' : first];
  if (load === undefined) {
    const known = Object.keys(commands).join(', ');
    throw new UsageError(`There is no command "${first}".`, `Commands: ${known}`);
  }
  const command = await load();
  await command(isOption ? [first, ...others] : others);
} catch (error) {
  console.error(isForReader(error) ? error.message : error);
  process.exitCode = 1;
}
