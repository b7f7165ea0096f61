import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetChild, killLeftovers, noteChild } from '../../../src/jobs/leftover-children.ts';
import { withFolder } from '../../support/folder.ts';

it.skipIf(process.platform !== 'linux')(
  'kills children that were noted, even stopped ones, and nobody else who got their number',
  () =>
    withFolder(async (scratch) => {
      const program = join(scratch, 'program.mjs');
      const start = (file: string) =>
        spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', file], {
          detached: true,
          stdio: 'ignore',
        });
      const [ours, other] = [start(program), start('another.mjs')];
      await Promise.all([once(ours, 'spawn'), once(other, 'spawn')]);
      try {
        await noteChild(join(scratch, 'job-1', '1'), ours.pid);
        await noteChild(join(scratch, 'job-2', '3'), other.pid);
        await noteChild(join(scratch, 'job-3', '1'), undefined);
        ours.kill('SIGSTOP');
        const ended = once(ours, 'exit');
        expect(await killLeftovers(scratch, [program])).toEqual([
          { jobId: 'job-1', attempt: 1, pid: ours.pid },
        ]);
        expect(await ended).toEqual([null, 'SIGKILL']);
        expect(other.exitCode).toBeNull();
        await forgetChild(join(scratch, 'job-2', '3'));
        expect(existsSync(join(scratch, 'job-2', '3.pid'))).toBe(false);
      } finally {
        other.kill('SIGKILL');
      }
    }),
);
