/** What dies, dies alone: a job's child never takes the server with it, and never outlives its job. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFileLimit } from '../../src/jobs/isolation.ts';
import { createLog } from '../../src/log.ts';
import { startChild } from '../support/child-under-test.ts';
import { withFolder } from '../support/folder.ts';
import { logText } from '../support/log-text.ts';
import {
  childOf,
  isAlive,
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const long = { inputs: { a: 'x', pause: 60 } };
const scratchOf = (jobId: string) => join(server.dataDirectory, 'scratch', jobId);

describe('a running job', () => {
  it('is tried again when its child is killed, and fails with an understandable cause after three attempts; the server goes on', async () => {
    const { jobID } = await startEcho(server, long);
    for (const attempt of [1, 2, 3]) process.kill(await childOf(server, jobID, attempt), 'SIGKILL');
    const status = await untilStatus(server, jobID, 'failed');
    expect(status.message).toContain('ended unexpectedly (by signal SIGKILL)');
    expect(status.message).toContain('kills processes in this way when its memory runs out.');
    expect(status.message).toContain('It was tried 3 times.');
    const results = await server.request.get(`/jobs/${jobID}/results`).expect(500);
    expect(results.body).toMatchObject({
      title: 'The computation ended unexpectedly',
      detail: status.message,
    });
    const next = await startEcho(server, { inputs: { a: 'next' } });
    await untilStatus(server, next.jobID, 'successful');
    expect(existsSync(scratchOf(jobID))).toBe(false);
  });

  it('goes on in another attempt when its child crashes; its status says so meanwhile', async () => {
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 2 } });
    process.kill(await childOf(server, jobID), 'SIGSEGV');
    const job = async () => (await server.request.get(`/jobs/${jobID}`)).body;
    await until(async () => String((await job()).message).includes('tried again'), 'it says so');
    expect(await job()).toMatchObject({
      status: 'running',
      message: expect.stringContaining('by signal SIGSEGV'),
    });
    expect(await untilStatus(server, jobID, 'successful')).toMatchObject({ progress: 100 });
  });

  it('is stopped by DELETE: the child is gone, the scratch folder too, and the next job runs', async () => {
    const { jobID } = await startEcho(server, long);
    const pid = await childOf(server, jobID);
    await until(() => existsSync(scratchOf(jobID)), 'scratch is there');
    expect(isAlive(pid)).toBe(true);
    const start = performance.now();
    const { body } = await server.request.delete(`/jobs/${jobID}`).expect(200);
    expect(body.status).toBe('dismissed');
    await until(() => !isAlive(pid), 'the child is gone');
    expect(performance.now() - start).toBeLessThan(5000);
    await until(() => !existsSync(scratchOf(jobID)), 'scratch is removed');
    const next = await startEcho(server, { inputs: { a: 'next' } });
    await untilStatus(server, next.jobID, 'successful');
    expect((await server.request.get(`/jobs/${jobID}`)).body.status).toBe('dismissed');
  });

  it('is dismissed for good when DELETE comes at any moment of a short run', async () => {
    for (let delayMs = 0; delayMs <= 200; delayMs += 20) {
      const { jobID } = await startEcho(server, { inputs: { a: 'x' } });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await server.request.delete(`/jobs/${jobID}`).expect(200);
      await server.request.get(`/jobs/${jobID}/results`).expect(410);
    }
    const last = await startEcho(server, { inputs: { a: 'x' } });
    await untilStatus(server, last.jobID, 'successful');
    const scratch = join(server.dataDirectory, 'scratch');
    await until(() => readdirSync(scratch).length === 0, 'no scratch is left');
  });
});

describe('limits', () => {
  it('runs no more jobs at once than MAX_RUNNING_JOBS', async () => {
    const first = await startEcho(server, long);
    const second = await startEcho(server, long);
    await untilStatus(server, first.jobID, 'running');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await server.request.get(`/jobs/${second.jobID}`)).body.status).toBe('accepted');
    await server.request.delete(`/jobs/${first.jobID}`).expect(200);
    await untilStatus(server, second.jobID, 'running');
    await server.request.delete(`/jobs/${second.jobID}`).expect(200);
  });

  it.skipIf(process.platform !== 'linux')('ends a child that needs too much memory', async () => {
    // A bare Node needs some 50 MB, so it is above the lowest limit that can be set only with a bigger child.
    expect(await startChild('hungry-child', { limits: { memoryMb: 256 } }).ended).toMatchObject({
      kind: 'failed',
      failure: { kind: 'out-of-memory', message: expect.stringContaining('256 MB') },
    });
  });

  it('ends a child that takes too long, also one that does not listen', async () => {
    const limits = { memoryMb: 2048, minutes: 0.01 };
    expect(await startChild('deaf-child', { limits }).ended).toMatchObject({
      kind: 'failed',
      failure: { kind: 'out-of-time' },
      exit: { signal: 'SIGKILL' },
    });
  });

  it('ends a child whose decoder hangs', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'band.tif');
      execFileSync('mkfifo', [file]);
      const heard: string[] = [];
      const run = startChild('hanging-child', {
        inputs: { file },
        limits: { memoryMb: 2048, minutes: 0.1 },
        progress: (_percent, message) => heard.push(message),
      });
      // It would end at SIGTERM, did it hear it.
      expect(await run.ended).toMatchObject({
        failure: { kind: 'out-of-time', message: expect.stringContaining('JOB_MINUTES') },
        exit: { signal: 'SIGKILL' },
      });
      expect(heard).toEqual(['Decoding']);
    });
  });
});

const fileLimit = await findFileLimit(createLog('silent'));
const launcher = fileLimit(1_000_000);
if (launcher.length === 0) {
  if (process.env['CI'] === 'true') throw new Error('CI has to be able to limit files: prlimit.');
  console.warn('Skipped: this system has no prlimit.');
}

describe.skipIf(launcher.length === 0)('a child that writes a file', () => {
  it.each([
    ['itself', false],
    ['by GDAL', true],
  ])('%s is stopped where it is too large, and says so', async (_how, isRaster) => {
    await withFolder(async (directory) => {
      const write = (bytes: number) =>
        startChild('writing-child', { launcher, directory, inputs: { bytes, isRaster } }).ended;
      expect(await write(900_000)).toMatchObject({ kind: 'finished' });
      expect(await write(1_100_000)).toMatchObject({
        failure: {
          kind: 'file-too-large',
          message: expect.stringContaining('larger than any of its files can be'),
        },
        exit: { signal: 'SIGXFSZ' },
      });
      const { size } = await stat(join(directory, 'file.tif'));
      expect(size).toBeLessThanOrEqual(1_000_000);
    });
  });

  it('has this limit, and no core dump, in the server', async () => {
    const { jobID } = await startEcho(server, long);
    const pid = await childOf(server, jobID);
    const limits = () => readFileSync(`/proc/${pid}/limits`, 'utf8');
    await until(() => /Max file size +2147483648 +2147483648/.test(limits()), 'it is limited');
    expect(limits()).toMatch(/Max core file size +0 +0/);
    await server.request.delete(`/jobs/${jobID}`).expect(200);
  });
});

it('says once where files cannot be limited, with the remedy', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  const { log, text } = logText();
  try {
    expect((await findFileLimit(log))(1)).toEqual([]);
    expect(text()).toMatch(/^[^\n]*"level":40[^\n]*remedy[^\n]*Children:FilesUnlimited"}\n$/);
  } finally {
    process.env['PATH'] = path;
  }
});
