import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { suitePoints } from '../../../scripts/conformance/points.ts';
import { requirements } from '../../../scripts/conformance/requirement-ids.ts';
import {
  collectEvidence,
  evidenceIn,
  requirementsTable,
} from '../../../scripts/conformance/requirements.ts';
import { projectFolder } from '../../../src/config/project-folder.ts';
import { conformanceClasses } from '../../../src/http/conformance.ts';

/** Requirements of declared classes whose tests are being written. Keep it empty. */
const underConstruction: readonly string[] = [];

const processes = 'http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/';
const declared = conformanceClasses
  .filter((uri) => uri.startsWith(processes))
  .map((uri) => uri.slice(processes.length));

describe('conformance/requirements.tsv', () => {
  it('is what the tests say: npm run conformance -- --requirements', async () => {
    const text = await readFile(join(projectFolder(), 'conformance/requirements.tsv'), 'utf8');
    expect(text).toBe(await requirementsTable());
  });

  it.each(declared)('has a test for each requirement of the declared class %s', async (name) => {
    const ids = requirements.filter(({ className }) => className === name).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    const tested = new Set((await collectEvidence()).map(({ requirement }) => requirement));
    if (underConstruction.length > 0) console.warn('Under construction:', underConstruction);
    const known = (id: string) => tested.has(id) || underConstruction.includes(id);
    expect(ids.filter((id) => !known(id))).toEqual([]);
  });

  it('has no requirement that is not quoted where the code obeys it', async () => {
    const names = await readdir(join(projectFolder(), 'src'), { recursive: true });
    const files = names.filter((name) => name.endsWith('.ts'));
    const read = files.map((name) => readFile(join(projectFolder(), 'src', name), 'utf8'));
    const source = (await Promise.all(read)).join('\n');
    const ids = requirements.map(({ id }) => id);
    expect(ids.filter((id) => !new RegExp(`${id}(?![\\w/-])`).test(source))).toEqual([]);
  });

  it('names requirements that the standard has', async () => {
    const ids = requirements.map(({ id }) => id);
    const evidence = await collectEvidence();
    expect(evidence.filter(({ requirement }) => !ids.includes(requirement))).toEqual([]);
  });
});

describe('our own checks', () => {
  it('are the 54 points of the official suite, each once', async () => {
    const points = (await collectEvidence())
      .filter(({ file }) => file.startsWith('test/http/conformance-points/'))
      .map(({ test }) => String(test.split(' ')[0]));
    expect([...new Set(points)].toSorted()).toEqual(suitePoints.toSorted());
    expect(suitePoints).toHaveLength(54);
  });
});

describe('evidenceIn', () => {
  const id = ['', 'req', 'core', 'http'].join('/');
  it.each([
    ['the name of the test', `it('speaks ${id}', () => {});`, `speaks ${id}`],
    ['its body', `it('one', () => {\n  // ${id}\n});\nit('two', () => {});`, 'one'],
    ['the comment before it', `it('one', () => {});\n\n// ${id}: why\nit('two', () => {});`, 'two'],
    ['a table of cases', `// ${id}\nit.each([\n  [1],\n])(\n  'case %s', () => {});`, 'case %s'],
  ])('finds an id in %s', (_where, source, test) => {
    expect(evidenceIn('x.test.ts', source)).toEqual([{ requirement: id, file: 'x.test.ts', test }]);
  });
});
