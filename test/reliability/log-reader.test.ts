/** Whoever reads the log can be slow, stand still or go away: the server goes on, and ends when it is told to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../../src/config/project-folder.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { RealProcesses } from '../support/real-process.ts';

describe('a server whose reader is gone', () => {
  const processes = new RealProcesses();
  let dataDirectory: string;
  beforeEach(async () => {
    dataDirectory = await temporaryDataFolder();
  });
  afterEach(async () => {
    await processes.killAll();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  it.each([0, 3])('answers %i requests, and ends with 0 when it is told to', async (requests) => {
    const settings = { DATA_DIR: dataDirectory, LOG_LEVEL: 'debug' };
    const server = await processes.start('serve', settings);
    const statusOfJobs = async (): Promise<number> => (await fetch(`${server.root}/jobs`)).status;
    expect(await statusOfJobs()).toBe(200);
    server.process.stdout?.destroy();
    for (let count = 0; count < requests; count += 1) expect(await statusOfJobs()).toBe(200);
    server.process.kill('SIGTERM');
    expect(await once(server.process, 'exit')).toEqual([0, null]);
  });
});

/** A process that logs so many lines, of which it keeps the last two until it is told to end. */
function logging(lines: number): { child: ReturnType<typeof spawn>; logged: Promise<unknown> } {
  const code = `
    const { createLog } = await import('./src/log.ts');
    const log = createLog('info');
    let line = 0;
    const say = () => log.info({ line: line++ }, 'ü'.repeat(1000));
    while (line < ${lines - 2}) say();
    process.once('message', () => {
      say();
      say();
      process.exit(7);
    });
    process.send('logged');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: projectFolder(),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  return { child, logged: once(child, 'message') };
}

interface Line {
  readonly msg: string;
  readonly line?: number;
  /** How many were lost. */
  readonly lines?: number;
}

describe('a reader', () => {
  it.each([
    ['that is slow gets every line whole, also the last ones', 2000, 0],
    ['that is too slow is told how many lines it has missed', 30_000, 1],
  ])('%s', async (_what, count, gaps) => {
    const { child, logged } = logging(count);
    await logged;
    child.send('end');
    if (child.stdout === null) throw new Error('It has a pipe.');
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const lines = said
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const lost = lines.flatMap(({ lines: missed = [] }) => missed);
    const came = lines.flatMap(({ line = [] }) => line);
    expect(code).toBe(7);
    expect(lost).toHaveLength(gaps);
    expect(came.length + lost.reduce((sum, one) => sum + one, 0)).toBe(count);
    expect(came).toEqual([...new Set(came)].toSorted((a, b) => a - b));
  });

  it('that is gone keeps no process from ending', async () => {
    const { child, logged } = logging(2);
    await logged;
    child.stdout?.destroy();
    child.send('end');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('that reads nothing at all keeps it from ending for a while only', async () => {
    const { child, logged } = logging(2000);
    await logged;
    child.send('end');
    expect(await once(child, 'exit')).toEqual([7, null]);
    child.stdout?.destroy();
  });
});
