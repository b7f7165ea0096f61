/** Job children have no network where the system lets us take it away; all else about them is as before. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ChildHandle, type Launcher } from '../../src/jobs/child-handle.ts';
import { findIsolation } from '../../src/jobs/isolation.ts';
import { startChild, testProgram } from '../support/child-under-test.ts';
import { logText } from '../support/log-text.ts';
import {
  childOf,
  isAlive,
  startEcho,
  startTestServer,
  until,
  untilStatus,
} from '../support/server.ts';
import { withTrap } from '../support/trap.ts';

/** What was found, and the log lines. */
async function found(): Promise<{ launcher: Launcher; log: string }> {
  const { log, text } = logText();
  return { launcher: await findIsolation(log), log: text() };
}

const { launcher, log } = await found();
if (launcher.length === 0) {
  if (process.env['CI'] === 'true') throw new Error('CI has to be able to take the network away.');
  console.warn('Skipped: this system does not let us take the network away from children.');
}

it('says whether children are without network', () => {
  expect(log).toContain(launcher.length === 0 ? 'Children:NotIsolated' : 'Children:Isolated');
});

it('says once where it cannot be done, with the remedy', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  try {
    const none = await found();
    expect(none.launcher).toEqual([]);
    expect(none.log).toMatch(/^[^\n]*"level":40[^\n]*remedy[^\n]*Children:NotIsolated"}\n$/);
  } finally {
    process.env['PATH'] = path;
  }
});

describe.skipIf(launcher.length === 0)('a child without network', () => {
  it('reaches nobody, neither on this machine nor elsewhere; with network it would', async () => {
    await withTrap(async (trap) => {
      const here = '127.0.0.1';
      // 192.0.2.0/24 is for documentation: nobody is there.
      const hosts = [here, '192.0.2.1'];
      const isolated = startChild('calling-child', {
        launcher,
        inputs: { port: trap.port, hosts },
      });
      expect(await isolated.ended).toMatchObject({
        failure: { message: `pid ${isolated.pid}, ENETUNREACH, ENETUNREACH` },
      });
      expect(trap.hits).toEqual([]);
      const free = startChild('calling-child', { inputs: { port: trap.port, hosts: [here] } });
      expect(await free.ended).toMatchObject({
        failure: { message: `pid ${free.pid}, connected` },
      });
      expect(trap.hits).toHaveLength(1);
    });
  });

  it('has its memory watched', async () => {
    expect(await startChild('hungry-child', { launcher }).ended).toMatchObject({
      failure: { kind: 'out-of-memory' },
    });
  });

  it('has the number that is known, and is killed with its group', async () => {
    const child = new ChildHandle(testProgram('deaf-child', launcher), () => undefined);
    const { pid = 0 } = child;
    await until(async () => ((await child.residentMb()) ?? 0) > 30, 'it is the program itself');
    const { stdout } = spawnSync('ps', ['-o', 'pgid=,args=', '-p', String(pid)]);
    expect(stdout.toString().trim()).toMatch(new RegExp(`^${pid} .*node.*deaf-child\\.ts$`));
    child.kill('SIGKILL');
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('is what the server starts: another namespace than its own, noted, and gone with its job', async () => {
    const server = await startTestServer();
    try {
      const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
      const pid = await childOf(server, jobID);
      const namespaceOf = (who: string): string =>
        spawnSync('readlink', [`/proc/${who}/ns/net`]).stdout.toString();
      await until(
        () => namespaceOf(String(pid)) !== namespaceOf('self'),
        'it has left the network',
      );
      await server.request.delete(`/jobs/${jobID}`).expect(200);
      await until(() => !isAlive(pid), 'the child is gone');
      const next = await startEcho(server, { inputs: { a: 'next' } });
      await untilStatus(server, next.jobID, 'successful');
    } finally {
      await server.close();
    }
  });
});
