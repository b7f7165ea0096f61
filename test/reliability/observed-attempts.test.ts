/** What figures and the log say of attempts that end badly: real children, a real store, a real registry. */
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loseAll } from '../../src/jobs/lease-watch.ts';
import { createLog } from '../../src/log.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { AttemptRig } from '../support/attempt-rig.ts';
import { parsePrometheusText, valueOf } from '../support/prometheus-text.ts';

let rig: AttemptRig;
let metrics: Metrics;
beforeEach(async () => {
  rig = await AttemptRig.open();
  metrics = new Metrics('1.2.3', () => new Date());
});
afterEach(() => rig.close());

const observed = (isFar = false) => ({ ...rig.tools(isFar), observer: metrics.jobs });

async function figures() {
  const families = parsePrometheusText(await metrics.text());
  return (name: string, labels?: Record<string, string>) =>
    valueOf(families, `cloudmask_${name}`, labels);
}

it('counts lost attempts by cause, and the job that has none left once', async () => {
  const tools = observed();
  const one = await rig.attempt({ crashesUntil: 9 }, ['a'], tools);
  expect(await rig.jobAtEnd(one, tools)).toMatchObject({ status: 'failed', attempt: 3 });
  const value = await figures();
  expect(value('attempts_lost_total', { cause: 'crashed' })).toBe(3);
  expect(value('attempts_lost_total', { cause: 'out-of-memory' })).toBe(0);
  expect(value('attempts_ended_total', { outcome: 'lost' })).toBe(3);
  expect(value('jobs_ended_total', { status: 'failed', cause: 'crashed' })).toBe(1);
  expect(value('job_duration_seconds_count', { status: 'failed' })).toBe(1);
});

it('counts bad input as failed, not as lost; results and what was brought by their bytes', async () => {
  const tools = observed(true);
  const script = {
    brings: { product: 'x' },
    files: { 'a.txt': 'hello' },
    outputs: { a: { kind: 'file', file: 'a.txt', mediaType: 'text/plain' } },
  };
  await rig.jobAfter(await rig.attempt(script, ['a'], tools));
  await rig.jobAfter(await rig.attempt({ failure: 'no' }, ['a'], tools));
  const value = await figures();
  expect(value('result_bytes_total', { place: 'store' })).toBe(5);
  expect(value('bytes_brought_total')).toBe(7);
  expect(value('stage_duration_seconds_count', { stage: 'bring', outcome: 'finished' })).toBe(2);
  expect(value('stage_duration_seconds_count', { stage: 'compute', outcome: 'failed' })).toBe(1);
  expect(value('jobs_ended_total', { status: 'failed', cause: 'bad-input' })).toBe(1);
  expect(value('attempts_ended_total', { outcome: 'lost' })).toBe(0);
});

it('counts leases: those found without a worker, and those that a worker was told of', async () => {
  const tools = observed();
  const one = await rig.attempt({ waitMs: 60_000 }, ['a'], tools);
  await loseAll({ leases: rig.leases, log: tools.log, observer: metrics.jobs });
  one.loseLease();
  one.loseLease();
  expect(await one.complete()).toBeUndefined();
  const value = await figures();
  expect(value('leases_lost_total', { seen_by: 'watch' })).toBe(1);
  expect(value('leases_lost_total', { seen_by: 'holder' })).toBe(1);
  expect(value('attempts_lost_total', { cause: 'interrupted' })).toBe(1);
});

it('counts a job whose worker is gone as waiting, so that a scaler brings a new one', async () => {
  metrics.watch({ queue: rig, worker: { running: 0 }, maxRunning: 0 });
  await rig.attempt({}, ['a']);
  expect((await figures())('queue_length')).toBe(0);
  await loseAll({ leases: rig.leases, log: rig.tools().log });
  expect((await figures())('queue_length')).toBe(1);
});

it('a scrape without a database has all figures but those of the database', async () => {
  const silent = () => Promise.reject(new Error('away'));
  metrics.watch({
    queue: {
      store: { countByStatus: silent, waiting: silent, oldestWaiting: silent },
      leases: rig.leases,
    },
    worker: { running: 2 },
    maxRunning: 4,
  });
  const value = await figures();
  expect(value('database_up')).toBe(0);
  expect(value('queue_length')).toBeUndefined();
  expect(value('jobs')).toBeUndefined();
  expect(value('worker_running')).toBe(2);
});

it('each line that a child writes to stderr is a line of the log with the job, the attempt and the stage', async () => {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const tools = { ...rig.tools(), log: createLog('info', sink) };
  const one = await rig.attempt({ stderr: 'first\nsecond', failure: 'no' }, ['a'], tools);
  await rig.jobAfter(one);
  const said = lines.filter(({ msg }) => msg === 'Child:Said');
  const ofJob = { jobId: one.job.id, attempt: 1, order: 'run' };
  expect(said).toMatchObject([
    { ...ofJob, line: 'first' },
    { ...ofJob, line: 'second' },
  ]);
  expect(lines.filter(({ jobId }) => jobId !== one.job.id)).toEqual([]);
});
