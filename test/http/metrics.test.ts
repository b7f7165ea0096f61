import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePrometheusText, valueOf, type Family } from '../support/prometheus-text.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import {
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../support/server.ts';

type Families = ReadonlyMap<string, Family>;

let server: TestServer;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  server = await startTestServer({
    settings: { METRICS_PORT: '0', OUTBOUND_TRUSTED_ORIGINS: receiver.origin },
  });
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

function ask(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.app.metricsPort}${path}`, init);
}

async function scrape(): Promise<Families> {
  return parsePrometheusText(await (await ask('/metrics')).text());
}

/** By how much a series has grown. */
function growth(before: Families, after: Families) {
  return (name: string, labels?: Record<string, string>): number =>
    (valueOf(after, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
}

describe('GET /metrics', () => {
  it('is what a scraper reads, at a port of its own and not at the public one', async () => {
    const answer = await ask('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parsePrometheusText(await answer.text());
    expect([...families.keys()]).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'nodejs_eventloop_lag_p99_seconds',
        'nodejs_gc_duration_seconds',
        'cloudmask_build_info',
      ]),
    );
    await server.request.get('/metrics').expect(404);
    expect((await ask('/jobs')).status).toBe(404);
    expect((await ask('/metrics', { method: 'POST' })).status).toBe(405);
    expect((await ask('/metrics', { method: 'HEAD' })).status).toBe(200);
  });

  it('counts a job from its acceptance to its end, and its callback', async () => {
    const before = await scrape();
    const subscriber = { successUri: `${receiver.origin}/done` };
    const { jobID } = await startEcho(server, { inputs: { a: 'x' }, subscriber });
    await untilStatus(server, jobID, 'successful');
    const counted = async () =>
      valueOf(await scrape(), 'cloudmask_callbacks_total', { outcome: 'delivered' }) === 1;
    await until(counted, 'the callback was counted');
    const after = await scrape();
    const grew = growth(before, after);
    const ofEcho = { process: 'echo' };
    const grown = {
      accepted: grew('cloudmask_jobs_accepted_total', ofEcho),
      ended: grew('cloudmask_jobs_ended_total', { status: 'successful', cause: '' }),
      attempts: grew('cloudmask_attempts_ended_total', { outcome: 'successful' }),
      waits: grew('cloudmask_job_wait_seconds_count', ofEcho),
      durations: grew('cloudmask_job_duration_seconds_count', { ...ofEcho, status: 'successful' }),
      stages: grew('cloudmask_stage_duration_seconds_count', {
        stage: 'compute',
        outcome: 'finished',
      }),
      inDatabase: grew('cloudmask_jobs', { status: 'successful' }),
    };
    expect(grown).toEqual({
      accepted: 1,
      ended: 1,
      attempts: 1,
      waits: 1,
      durations: 1,
      stages: 1,
      inDatabase: 1,
    });
    expect(valueOf(after, 'cloudmask_queue_length')).toBe(0);
    expect(valueOf(after, 'cloudmask_queue_windows', { priority: '0' })).toBeUndefined();
    expect(valueOf(after, 'cloudmask_queue_oldest_seconds')).toBe(0);
    expect(valueOf(after, 'cloudmask_database_up')).toBe(1);
    expect(valueOf(after, 'cloudmask_worker_slots')).toBe(1);
  });

  it('shows what runs and what waits, and counts what is dismissed', async () => {
    const before = await scrape();
    const running = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
    await untilStatus(server, running.jobID, 'running');
    const waiting = await startEcho(server, { inputs: { a: 'x' } });
    const during = await scrape();
    expect(valueOf(during, 'cloudmask_queue_length')).toBe(1);
    expect(valueOf(during, 'cloudmask_queue_windows', { priority: '0' })).toBe(1);
    expect(valueOf(during, 'cloudmask_queue_oldest_seconds')).toBeGreaterThan(0);
    expect(valueOf(during, 'cloudmask_jobs', { status: 'running' })).toBe(1);
    expect(valueOf(during, 'cloudmask_worker_running')).toBe(1);
    for (const { jobID } of [waiting, running]) await server.request.delete(`/jobs/${jobID}`);
    const grew = growth(before, await scrape());
    expect(grew('cloudmask_jobs_ended_total', { status: 'dismissed', cause: '' })).toBe(2);
    const isIdle = async () => valueOf(await scrape(), 'cloudmask_worker_running') === 0;
    await until(isIdle, 'the slot is free');
  });

  it('counts requests by the pattern of their route: no id, no path and no method of a client is a label', async () => {
    const before = await scrape();
    const id = randomUUID();
    await server.request.get(`/jobs/${id}`).expect(404);
    await server.request.get(`/nowhere/${id}`).expect(404);
    await server.request.propfind('/jobs').expect(405);
    await server.request.get('/jobs?limit=1').expect(200);
    const after = await scrape();
    const grew = growth(before, after);
    const count = 'http_request_duration_seconds_count';
    expect(grew(count, { method: 'GET', route: '/jobs/{jobId}', code: '404' })).toBe(1);
    expect(grew(count, { method: 'GET', route: 'none', code: '404' })).toBe(1);
    expect(grew(count, { method: 'other', route: '/jobs', code: '405' })).toBe(1);
    expect(grew(count, { method: 'GET', route: '/jobs', code: '200' })).toBe(1);
    const labels = [...after.values()].flatMap(({ samples }) =>
      samples.flatMap((sample) => Object.values(sample.labels)),
    );
    expect(
      labels.filter((label) => /[0-9a-f]{8}-[0-9a-f]{4}-|nowhere|PROPFIND/.test(label)),
    ).toEqual([]);
  });

  it('has probes for a process without a public port', async () => {
    expect((await ask('/healthz')).status).toBe(200);
    await until(async () => (await ask('/readyz')).status === 200, 'the server is ready');
  });
});

it('without METRICS_PORT the public port has the figures', async () => {
  const other = await startTestServer({ settings: { RATE_LIMIT: '1' } });
  expect(other.app.metricsPort).toBeUndefined();
  for (let times = 0; times < 3; times += 1) {
    const answer = await other.request.get('/metrics').expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(parsePrometheusText(answer.text).has('cloudmask_queue_length')).toBe(true);
  }
  await other.close();
});
