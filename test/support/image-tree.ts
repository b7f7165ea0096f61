/**
 * What the Dockerfile puts into the image, as a folder of this machine: files that `.dockerignore` lets through and the
 * last stage copies, and of the packages those that are not for development only.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** The package of which the build stage removes files. */
const changed = 'node_modules/gdal-async';

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

/**
 * Makes the folder, which has to be empty. Packages are links to those of the project, but for gdal-async, of which the
 * build stage removes files: as its commands do.
 */
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
  removeUnneeded(tree, build);
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
    if (path === changed) copyPackage(tree);
    else await symlink(join(project, path), join(tree, path));
  }
}

/** A copy, since what is removed there may not be removed here. Hard links where the file system has them. */
function copyPackage(tree: string): void {
  const places = [join(project, changed), join(tree, changed)];
  if (spawnSync('cp', ['-al', ...places]).status === 0) return;
  const copied = spawnSync('cp', ['-a', ...places], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(copied.stderr);
}

/** Runs what the build stage runs after its installation. */
function removeUnneeded(tree: string, build: readonly Instruction[]): void {
  const commands = build.flatMap(({ name, words }) => (name === 'RUN' ? words.split(' && ') : []));
  const after = commands.slice(
    commands.findIndex((command) => command.startsWith('npm prune')) + 1,
  );
  const environment = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  for (const command of after) {
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: tree, env: environment });
    if (status !== 0) throw new Error(`${command}\n${stderr.toString()}`);
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
