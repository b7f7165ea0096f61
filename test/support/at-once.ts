/** One program in several processes at the same time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectFolder } from '../../src/config/project-folder.ts';

/** Exit codes of `count` processes that run a module, which sees the project's folder as its own. */
export async function exitCodesAtOnce(count: number, program: string): Promise<number[]> {
  const runs = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: projectFolder(),
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const ends = await Promise.all(runs.map((run) => once(run, 'exit')));
  return ends.map(([code]) => code as number);
}
