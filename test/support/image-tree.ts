/**
 * What the Dockerfile puts into the image, as a folder of this machine: files that `.dockerignore` lets through and the
 * last stage copies, and of the packages those that are not for development only.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

export const project = resolve(import.meta.dirname, '../..');

/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** The stages of `deploy/Dockerfile`, each from its FROM on. */
export async function imageStages(): Promise<readonly (readonly Instruction[])[]> {
  const text = await readFile(join(project, 'deploy/Dockerfile'), 'utf8');
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name = '', words = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, words: words.trim().replaceAll(/\s+/g, ' ') });
  }
  return stages;
}

/** Words of an instruction in its JSON form. */
export function wordsOf(stage: readonly Instruction[], name: string): readonly string[] {
  const words = stage.find((one) => one.name === name)?.words ?? '';
  return JSON.parse(words.slice(words.indexOf('['))) as string[];
}

/** What ENV says. */
export function environmentOf(stage: readonly Instruction[]): Record<string, string> {
  const pairs = stage.filter(({ name }) => name === 'ENV').map(({ words }) => words.split(' '));
  return Object.fromEntries(pairs.flat().map((pair) => pair.split('=') as [string, string]));
}

/** Whether `.dockerignore` lets a path of the project through: the last pattern that fits decides. */
export async function sentToBuild(): Promise<(path: string) => boolean> {
  const text = await readFile(join(project, '.dockerignore'), 'utf8');
  const rules = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const glob = line
        .replace(/^!/, '')
        .replaceAll('.', String.raw`\.`)
        .replaceAll('*', '[^/]*');
      return { pattern: new RegExp(`^${glob}(?:/|$)`), isSent: line.startsWith('!') };
    });
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.isSent ?? true;
}

/** Makes the folder, which has to be empty; packages are links to those of the project. */
export async function makeImageTree(tree: string): Promise<void> {
  const isSent = await sentToBuild();
  const [build = [], last = []] = await imageStages();
  const copied = [...build, ...last].filter(
    ({ name, words }) => name === 'COPY' && !words.startsWith('--from'),
  );
  for (const source of copied.flatMap(({ words }) => words.split(' ').slice(0, -1))) {
    if (!isSent(source)) throw new Error(`.dockerignore keeps ${source} back, which is copied.`);
    const filter = (file: string) =>
      file === join(project, source) || isSent(relative(project, file));
    await cp(join(project, source), join(tree, source), { recursive: true, filter });
  }
  await linkPackages(tree);
  await stampSetUp(tree);
}

async function linkPackages(tree: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const own = Object.keys(lock.packages).filter(
    (path) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) && lock.packages[path]?.dev !== true,
  );
  for (const path of ['node_modules/.package-lock.json', ...own]) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await symlink(join(project, path), join(tree, path));
  }
}

/** As the set-up leaves it, so that the launcher has nothing to do. */
async function stampSetUp(tree: string): Promise<void> {
  const stamp = JSON.parse(await readFile(join(project, '.cache/setup.json'), 'utf8')) as object;
  const lock = createHash('sha256')
    .update(await readFile(join(project, 'package-lock.json')))
    .digest('hex');
  await mkdir(join(tree, '.cache'));
  await writeFile(join(tree, '.cache/setup.json'), JSON.stringify({ ...stamp, lock }));
}
