/** What an orchestrator asks: is the process alive, and may it have requests? */
import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log.ts';
import { ReadinessCheck } from '../../src/readiness.ts';
import { startEcho, startTestServer, until, untilStatus } from '../support/server.ts';

it('a server that stops is alive and not ready, and answers until its jobs have ended', async () => {
  const server = await startTestServer({ settings: { STOP_SECONDS: '100', METRICS_PORT: '0' } });
  const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 3 } });
  await untilStatus(server, jobID, 'running');
  const closed = server.close();
  const { body } = await server.request.get('/readyz').expect(503);
  expect(body).toMatchObject({ status: 'stopping', database: 'not asked', results: 'not asked' });
  await server.request.get('/healthz').expect(200);
  const operations = `http://127.0.0.1:${server.app.metricsPort}`;
  expect((await fetch(`${operations}/readyz`)).status).toBe(503);
  expect((await fetch(`${operations}/healthz`)).status).toBe(200);
  const page = await server.request.get('/readyz?f=html').expect(503);
  expect(page.text).toContain('stopping');
  expect((await server.request.get(`/jobs/${jobID}`)).body).toMatchObject({ status: 'running' });
  await closed;
  expect(server.log()).toMatch(/"outcome":"successful","msg":"Attempt:Ended"/);
  await expect(fetch(`${operations}/healthz`)).rejects.toThrow('fetch failed');
});

it('a database that is silent or away makes a server not ready, soon, with a line in the log for each change', async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  let ask = (): Promise<Record<string, number>> => new Promise(() => undefined);
  const check = new ReadinessCheck(readConfig({}), {
    countJobs: () => ask(),
    storage: { answers: async () => true },
    probe: { findings: {}, look: () => undefined },
    log,
  });
  const silent = { status: 'not ready', database: 'does not answer', results: 'ok', jobs: {} };
  expect(await check.answer()).toMatchObject(silent);
  ask = () => Promise.reject(new Error('refused'));
  expect(await check.answer()).toMatchObject(silent);
  check.stop();
  expect(await check.answer()).toMatchObject({ status: 'stopping', database: 'not asked' });
  const said = lines.map((line) => JSON.parse(line) as { status: string; msg: string });
  expect(said.map(({ status, msg }) => [msg, status])).toEqual([
    ['Readiness:Changed', 'not ready'],
    ['Readiness:Changed', 'stopping'],
  ]);
});

it('GET /healthz asks nobody', async () => {
  const server = await startTestServer();
  try {
    await until(async () => (await server.request.get('/readyz')).status === 200, 'it is ready');
    const { body } = await server.request.get('/healthz').expect(200);
    expect(body).toEqual({ status: 'ok' });
  } finally {
    await server.close();
  }
});
