/** A Python environment with the clients in their pinned versions. */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { runProgram } from '../conformance/program.ts';

export type Python = { readonly python: string } | { readonly unavailable: string };

const minute = 60_000;
const oldest = 12;

/** Makes the environment in `folder`, or takes the one that is there. `requirements`: file with the versions. */
export async function preparePython(
  folder: string,
  requirements: string,
  tell: (message: string) => void,
): Promise<Python> {
  const wanted = await readFile(requirements, 'utf8');
  const marker = path.join(folder, 'installed.txt');
  const python = path.join(folder, 'bin', 'python');
  const isReady = (await readFile(marker, 'utf8').catch(() => '')) === wanted;
  if (isReady) return { python };
  const base = await findPython();
  if (base === undefined)
    return {
      unavailable: `There is no Python 3.${oldest} or newer with venv: install one, or name it in PYTHON.`,
    };
  tell(`Installing the clients with ${base} …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  const install = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements];
  const runs: [program: string, args: string[]][] = [
    [base, ['-m', 'venv', folder]],
    [python, install],
  ];
  for (const [program, args] of runs) {
    const run = await runProgram(program, args, { timeoutMs: 10 * minute });
    if (run?.code !== 0) {
      const why = run?.stderr.trim().split('\n').at(-1) ?? 'it did not start';
      return { unavailable: `The clients could not be installed: ${why}` };
    }
  }
  await writeFile(marker, wanted);
  return { python };
}

/** The first Python that is new enough and can make environments. */
async function findPython(): Promise<string | undefined> {
  const versions = path.join(homedir(), '.pyenv', 'versions');
  const names = await readdir(versions).catch((): string[] => []);
  const candidates = [
    process.env['PYTHON'] ?? 'python3.12',
    'python3.12',
    'python3.13',
    'python3.14',
    'python3',
    ...names.toSorted().map((name) => path.join(versions, name, 'bin', 'python3')),
  ];
  const test = `import sys, venv, ensurepip; sys.exit(sys.version_info < (3, ${oldest}))`;
  for (const candidate of candidates) {
    const run = await runProgram(candidate, ['-c', test], { timeoutMs: minute });
    if (run?.code === 0) return candidate;
  }
  return undefined;
}
