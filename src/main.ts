/** The executable: which command? */
import { DomainError } from './errors.ts';

type Command = (args: readonly string[]) => Promise<void> | void;

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./cli/serve.ts')).serveCommand,
  settings: async () => (await import('./cli/settings.ts')).settingsCommand,
  openapi: async () => (await import('./cli/openapi.ts')).openapiCommand,
};

const [name = 'serve', ...args] = process.argv.slice(2);
const isOption = name.startsWith('-');
const load = commands[isOption ? 'serve' : name];

try {
  if (load === undefined) {
    throw new Error(
      `There is no command "${name}". Commands: ${Object.keys(commands).join(', ')}.`,
    );
  }
  const command = await load();
  await command(isOption ? [name, ...args] : args);
} catch (error) {
  const isForReader = error instanceof DomainError || load === undefined;
  const words = isForReader && error instanceof Error ? error.message : error;
  console.error(words);
  process.exitCode = 1;
}
