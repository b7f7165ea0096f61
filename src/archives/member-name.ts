/**
 * Names in archives. They are compared with patterns and never joined to a path; yet a name that no honest program
 * writes gives the whole archive away, so it is refused wherever it stands.
 */
import { ArchiveFault, shown } from './fault.ts';

/** What makes a name one that is refused, and how it is said. */
const faults: readonly (readonly [RegExp, string])[] = [
  [/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, 'has control characters in its name'],
  // What remains of bytes that are no UTF-8.
  [/[\p{Cs}\uFFFD]/u, 'has a name that is not valid text'],
  [/\\/, 'has a backslash in its name'],
  [/^(\/|[A-Za-z]:)/, 'has an absolute path'],
  [/(^|\/)\.\.(\/|$)/, 'has a path with ".."'],
  [/^$|\/\/|(^|\/)\.(\/|$)/, 'has an empty or "." part in its path'],
];

/**
 * The name of a member without a leading `./`; undefined for `./` itself, which is only the archive's own root.
 * @throws ArchiveFault when it is no plain path below the archive
 */
export function memberName(raw: string, nameLength: number): string | undefined {
  const name = raw.replace(/^\.\//, '');
  if (name === '' && raw !== '') return undefined;
  const label = `the entry "${shown(name)}"`;
  if (name.length > nameLength) throw new ArchiveFault(`${label} has a name that is too long.`);
  const fault = faults.find(([pattern]) => pattern.test(name));
  if (fault !== undefined) throw new ArchiveFault(`${label} ${fault[1]}.`);
  return name;
}

/** Notices names that come twice, or that a file system could take for the same. */
export class NameRegister {
  readonly #seen = new Map<string, string>();

  /** @throws ArchiveFault when a name like this was there already */
  add(name: string): void {
    const folded = name.replace(/\/$/, '').normalize('NFKC').toLowerCase();
    const before = this.#seen.get(folded);
    if (before === name) throw new ArchiveFault(`the archive has "${shown(name)}" twice.`);
    if (before !== undefined) {
      throw new ArchiveFault(
        `the archive has "${shown(before)}" and "${shown(name)}", which some systems take for the same.`,
      );
    }
    this.#seen.set(folded, name);
  }
}
