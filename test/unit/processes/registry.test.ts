import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../src/config/project-folder.ts';
import { implementations } from '../../../src/processes/implementations.ts';
import { redactInputs } from '../../../src/processes/redact.ts';
import { assertPaired, loadRegistry } from '../../../src/processes/registry.ts';
import { temporaryDataFolder } from '../../support/finished-job.ts';

const shipped = join(projectFolder(), 'processes');
let folder: string;
beforeEach(async () => {
  folder = await temporaryDataFolder();
  await cp(shipped, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const change = async (edit: (description: Record<string, unknown>) => void, as = 'echo.json') => {
  const description = JSON.parse(await readFile(join(folder, 'echo.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  edit(description);
  await writeFile(join(folder, as), JSON.stringify(description));
};

describe('loadRegistry', () => {
  it('has the shipped processes, each with code', () => {
    const registry = loadRegistry(shipped, []);
    expect(registry.all.map((process) => process.description.id)).toEqual([
      'echo',
      'senseiv2-cloudmask',
    ]);
    expect(() => assertPaired(registry, Object.keys(implementations))).not.toThrow();
    expect(() => registry.get('none')).toThrow(
      'There is no process "none". Processes: echo, senseiv2-cloudmask.',
    );
  });

  it.each([
    [
      'without version',
      (one: Record<string, unknown>) => delete one['version'],
      'is not a process description',
    ],
    [
      'with an unknown member',
      (one: Record<string, unknown>) => (one['extra'] = 1),
      'is not a process description',
    ],
    [
      'with an unknown word in a schema',
      (one: Record<string, unknown>) =>
        (one['outputs'] = { a: { title: 'A', schema: { typ: 'string' } } }),
      'unknown keyword',
    ],
  ])('stops the start for a description %s', async (_name, edit, words) => {
    await change(edit);
    expect(() => loadRegistry(folder, [])).toThrow(words);
  });

  it('stops the start for two of one id, for rules without description, and for what does not pair', async () => {
    const registry = loadRegistry(folder, []);
    expect(() => assertPaired(registry, ['echo', 'other'])).toThrow(
      'Processes do not pair: "senseiv2-cloudmask" is described, but has no implementation; "other" is implemented, but not described.',
    );
    expect(() =>
      loadRegistry(folder, [{ processId: 'other', check: async () => [], cost: () => 1 }]),
    ).toThrow('rules for the process "other"');
    await change(() => undefined, 'again.json');
    expect(() => loadRegistry(folder, [])).toThrow('describe the process "echo"');
  });
});

describe('redactInputs', () => {
  it('replaces every write-only value', () => {
    const { description } = loadRegistry(shipped, []).get('senseiv2-cloudmask');
    const inputs = {
      product: 'x',
      s3_bucket: 'b',
      s3_access_key: 'KEY',
      s3_secret_key: { deep: 'SECRET' },
    };
    expect(redactInputs(description, inputs)).toEqual({
      product: 'x',
      s3_bucket: 'b',
      s3_access_key: '***',
      s3_secret_key: '***',
    });
  });
});
