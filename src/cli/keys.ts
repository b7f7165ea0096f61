/** `keys new <owner>`: makes an API key, and the entry for API_KEYS_FILE that lets it in. */
import { parseArgs } from 'node:util';
import { digestOf, newKey } from '../authentication/api-keys.ts';
import { ownerPattern } from '../authentication/owner-name.ts';
import { UsageError } from './usage-error.ts';

const keysHelp = `Usage: npm run keys -- new <owner> [--id <id>]

Makes an API key for an owner and prints it, once: it is kept nowhere. Hand it over, and put the entry that is printed with
it into the file of API_KEYS_FILE. The entry holds the digest of the key only.

  <owner>      whose jobs: letters, digits and . _ @ + -
  --id <id>    name of the key in the file (default: the owner and today's date); one owner may have several keys
  --help       prints this
`;

/** Runs the command. @throws UsageError */
export function keysCommand(args: readonly string[]): void {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(keysHelp);
    return;
  }
  const [command, owner, ...rest] = positionals;
  if (command !== 'new' || owner === undefined || rest.length > 0)
    throw new UsageError('keys needs the command "new" and an owner.', keysHelp);
  const id = values.id ?? `${owner}-${new Date().toISOString().slice(0, 10)}`;
  for (const name of [owner, id])
    if (!ownerPattern.test(name))
      throw new UsageError(`"${name}" cannot be a name here.`, keysHelp);
  const key = newKey();
  const entry = JSON.stringify({ [id]: { owner, sha256: digestOf(key) } }, undefined, 2);
  process.stdout.write(
    `Key of ${owner}, shown this once:\n\n  ${key}\n\nEntry for API_KEYS_FILE:\n\n${entry}\n`,
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { id: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), keysHelp);
  }
}
