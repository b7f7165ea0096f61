/**
 * `conformance/requirements.tsv`: which tests show that a requirement of the standard is met. It is made from the tests: an
 * id such as `/req/core/http` belongs to the test in whose name or body it stands, or that follows the comment with it.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { requirements } from './requirement-ids.ts';

/** A test that names a requirement. */
export interface Evidence {
  readonly requirement: string;
  /** Relative to the project. */
  readonly file: string;
  /** As it stands in the file. */
  readonly test: string;
}

const project = path.resolve(import.meta.dirname, '../..');
const table = path.join(project, 'conformance', 'requirements.tsv');

/** Text of the table for the tests as they are. */
export async function requirementsTable(): Promise<string> {
  const evidence = await collectEvidence();
  const rows = requirements.flatMap(({ className, id }) => {
    const found = evidence.filter(({ requirement }) => requirement === id);
    const tests = found.length > 0 ? found : [{ file: '', test: '' }];
    return tests.map(({ file, test }) => [className, id, file, test].join('\t'));
  });
  return `${['class\trequirement\ttest file\ttest', ...rows].join('\n')}\n`;
}

/** Writes the table. Returns what to tell about it. */
export async function writeRequirements(): Promise<string> {
  const text = await requirementsTable();
  await writeFile(table, text);
  const missing = text.split('\n').filter((line) => line.endsWith('\t\t'));
  const without = missing.map((line) => `  ${line.split('\t')[1]}`);
  return [
    `${table}: ${requirements.length} requirements, ${missing.length} without a test`,
    ...without,
  ].join('\n');
}

/** All tests that name a requirement, by file and place. */
export async function collectEvidence(): Promise<readonly Evidence[]> {
  const names = await readdir(path.join(project, 'test'), { recursive: true });
  const files = names.filter((name) => name.endsWith('.test.ts')).toSorted();
  const found = files.map(async (name) => {
    const file = `test/${name.replaceAll(path.sep, '/')}`;
    return evidenceIn(file, await readFile(path.join(project, file), 'utf8'));
  });
  return (await Promise.all(found)).flat();
}

interface Title {
  readonly at: number;
  readonly text: string;
}

/** The tests of one file that name a requirement. */
export function evidenceIn(file: string, source: string): Evidence[] {
  const titles = titlesIn(source);
  const mentions = [...source.matchAll(/\/req\/[a-z0-9-]+\/[A-Za-z0-9-]+(?:\/[a-z-]+)?/g)];
  const seen = new Set<string>();
  return mentions.flatMap(({ 0: requirement, index }) => {
    const test = testAt(source, titles, index);
    const key = `${requirement}\t${test}`;
    if (test === undefined || seen.has(key)) return [];
    seen.add(key);
    return [{ requirement, file, test }];
  });
}

/** Names of tests: `it('…'`, `it.each(…)('…'`. */
function titlesIn(source: string): Title[] {
  const calls = source.matchAll(
    /^ *(?:it|test)(?:\.\w+)*\(\s*(['"`])(.*?)\1|^ *\]?\)\(\s*(['"`])(.*?)\3/gms,
  );
  return [...calls].map((call) => ({ at: call.index, text: call[2] ?? call[4] ?? '' }));
}

/** The test that a place in the source belongs to. A comment before a test belongs to that test. */
function testAt(source: string, titles: readonly Title[], index: number): string | undefined {
  const line = source.slice(source.lastIndexOf('\n', index) + 1, index);
  const before = titles.findLast(({ at }) => at <= index);
  const isComment = /^ *(?:\/\/|\/?\*)/.test(line);
  if (!isComment) return before?.text;
  const after = titles.find(({ at }) => at > index);
  if (after === undefined) return before?.text;
  // Nothing but comments, blanks and the head of a table of cases may stand between.
  const between = source.slice(source.indexOf('\n', index), after.at);
  const isDirect = between.split('\n').every((one) => /^ *(?:\/\/.*|\/?\*.*)?$/.test(one));
  return isDirect || /^\s*it\.each\(/m.test(between) ? after.text : before?.text;
}
