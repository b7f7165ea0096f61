/** Two supervisors on one database: one is stopped for longer than its lease, the other takes over, and the first comes back. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { anonymous } from '../../src/jobs/job.ts';
import { AttemptRig } from '../support/attempt-rig.ts';
import { isAlive, until } from '../support/server.ts';

let rig: AttemptRig;
const supervisors: Supervisor[] = [];
beforeEach(async () => {
  rig = await AttemptRig.open();
});
afterEach(async () => {
  for (const { process: one } of supervisors.splice(0)) one.kill('SIGKILL');
  await rig.close();
});

interface Supervisor {
  readonly process: ChildProcess;
  output(): string;
}

function supervise(): Supervisor {
  const program = join(import.meta.dirname, '../../scripts/chaos/supervisor.ts');
  const child = spawn(process.execPath, [program, rig.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const supervisor = { process: child, output: () => text };
  supervisors.push(supervisor);
  return supervisor;
}

const outputs = { a: { kind: 'file', file: 'a.txt', mediaType: 'text/plain' } };
const script = { files: { 'a.txt': 'x' }, outputs };
const find = (id: string) => rig.store.find(id, anonymous);
const said = (one: Supervisor, id: string, what: string) =>
  one
    .output()
    .split('\n')
    .some((line) => line.includes(id) && line.includes(what));
/** What a job has come to: its row, and the attempts that have files. */
const outcomeOf = async (id: string) => {
  const { status, attempt, results } = (await find(id)) ?? {};
  const output = results?.['a'];
  const key = output?.kind === 'file' ? output.key : undefined;
  const kept = await readdir(join(rig.folder, 'results', 'jobs', id));
  return { status, attempt, key, kept };
};
const published = (id: string, attempt: number) => ({
  status: 'successful',
  attempt,
  key: `jobs/${id}/${attempt}/a.txt`,
  kept: [String(attempt)],
});

it.each([
  ['while it computes', { ...script, waitMs: 6000 }],
  ['while its child has the result ready', { ...script, waitMs: 500 }],
])(
  'a supervisor that was stopped %s: the other one takes over, and what the zombie writes is refused',
  async (_when, inputs) => {
    const first = supervise();
    const id = await rig.add(inputs);
    await until(() => said(first, id, 'Attempt:Started'), 'the first one computes');
    first.process.kill('SIGSTOP');
    const second = supervise();
    await until(() => said(second, id, 'Lease:Expired'), 'the lease has ended');
    await until(() => said(second, id, 'Attempt:Started'), 'the second one computes');
    first.process.kill('SIGCONT');
    await until(
      () => said(first, id, 'Attempt:Cancelled') || said(first, id, 'Attempt:Lost'),
      'the first one hears that it has lost the job',
    );
    await until(async () => (await find(id))?.status === 'successful', 'the job ends');
    await until(() => said(second, id, 'Attempt:Ended'), 'the second one has written');
    expect(await outcomeOf(id)).toEqual(published(id, 2));
    await until(
      async () => (await readdir(join(rig.folder, 'scratch'))).length === 0,
      'no scratch',
    );
  },
);

it('a supervisor that was stopped for good: its child goes with it when it is killed, the job goes on', async () => {
  const first = supervise();
  const id = await rig.add({ ...script, waitMs: 3000 });
  await until(() => said(first, id, 'Attempt:Started'), 'the first one computes');
  const pid = Number(/"pid":(\d+)[^\n]*Attempt:Started/.exec(first.output())?.[1]);
  const second = supervise();
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  await until(() => !isAlive(pid), 'its child has noticed');
  await until(async () => (await find(id))?.status === 'successful', 'the job ends');
  await until(() => said(second, id, 'Attempt:Ended'), 'the second one has written');
  expect(await outcomeOf(id)).toEqual(published(id, 2));
});

it('two that look for work at once: each job is computed once', async () => {
  const both = [supervise(), supervise()];
  const ids: string[] = [];
  for (let job = 0; job < 8; job += 1) ids.push(await rig.add(script));
  for (const id of ids)
    await until(async () => (await find(id))?.status === 'successful', 'the job ends');
  for (const id of ids) {
    expect(await outcomeOf(id)).toEqual(published(id, 1));
    expect(both.filter((one) => said(one, id, 'Attempt:Started'))).toHaveLength(1);
  }
  for (const { process: one } of both) one.kill('SIGTERM');
  const ends = await Promise.all(both.map(({ process: one }) => once(one, 'exit')));
  expect(ends.map(([code]) => code as number)).toEqual([0, 0]);
});

it('a child that was stopped is killed when its job is dismissed', async () => {
  const first = supervise();
  const id = await rig.add({ ...script, waitMs: 60_000 });
  await until(() => said(first, id, 'Attempt:Started'), 'it computes');
  const pid = Number(/"pid":(\d+)[^\n]*Attempt:Started/.exec(first.output())?.[1]);
  process.kill(pid, 'SIGSTOP');
  await rig.store.dismiss(id, anonymous);
  await until(() => !isAlive(pid), 'the heartbeat tells, the child is killed');
  expect(await find(id)).toMatchObject({ status: 'dismissed' });
});
