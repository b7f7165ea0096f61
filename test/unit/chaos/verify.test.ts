import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anonymous } from '../../../src/jobs/job.ts';
import type { Expected } from '../../../scripts/chaos/expected.ts';
import { digest, verify } from '../../../scripts/chaos/verify.ts';
import type { Failure } from '../../../src/jobs/child-protocol.ts';
import { AttemptRig } from '../../support/attempt-rig.ts';
import { claimWith } from '../../support/claim.ts';

let rig: AttemptRig;
beforeEach(async () => {
  rig = await AttemptRig.open();
});
afterEach(async () => {
  await rig.close();
});

const violationsOf = async (...expected: readonly Expected[]) => {
  const places = { dataDirectory: rig.folder, temporaryFolder: join(rig.folder, 'tmp') };
  return (await verify(places, expected)).violations;
};
const right = { a: { sha256: digest('x') } };
const expectedOf = (id: string, changed: Partial<Expected> = {}): Expected => ({
  ids: [id],
  isDismissed: false,
  outputs: right,
  ...changed,
});

/** A job that was claimed once, and its lease. */
async function claimed() {
  const id = await rig.add({});
  await rig.leases.claim(claimWith(id));
  return { jobId: id, attempt: 1, token: id };
}

async function successful(content = 'x'): Promise<string> {
  const lease = await claimed();
  const file = join(rig.folder, 'made');
  await writeFile(file, content);
  const stored = await rig.storage.put(`jobs/${lease.jobId}/1/a.txt`, file, 'text/plain');
  const results = { a: { kind: 'file' as const, ...stored } };
  await rig.leases.finish(lease, { status: 'successful', results });
  return lease.jobId;
}

async function failed(failure: Failure): Promise<string> {
  const lease = await claimed();
  await rig.leases.finish(lease, { status: 'failed', failure });
  return lease.jobId;
}

async function put(path: string): Promise<void> {
  const file = join(rig.folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, 'x');
}

describe('verify', () => {
  it('finds nothing where every promise is kept', async () => {
    const good = await successful();
    const bad = await failed({ kind: 'bad-input', message: 'Bad.' });
    const dismissed = await rig.add({});
    await rig.store.dismiss(dismissed, anonymous);
    expect(
      await violationsOf(
        expectedOf(good),
        expectedOf(bad, { failure: 'Bad.' }),
        expectedOf(dismissed, { isDismissed: true }),
      ),
    ).toEqual([]);
  });

  it('finds a job without an end, and its lease', async () => {
    const { jobId } = await claimed();
    expect(await violationsOf(expectedOf(jobId))).toEqual([
      `Job ${jobId}: it is running in the end.`,
      `Job ${jobId}: a worker still holds its lease.`,
      `Job ${jobId}: its log tells of 0 ends: .`,
    ]);
  });

  it('finds a second job for one order, a job that is lost, and one that nobody ordered', async () => {
    const [first, second] = [await successful(), await successful()];
    const gone = 'gone';
    expect(
      await violationsOf(expectedOf(first, { ids: [first, second] }), expectedOf(gone)),
    ).toEqual([
      `Job ${first}, ${second}: its ids are ${first}, ${second}, and one row.`,
      `Job gone: its ids are gone, and no row.`,
    ]);
    expect(await violationsOf(expectedOf(first))).toEqual([`Nobody ordered the job ${second}.`]);
  });

  it('finds a result that is wrong, damaged or not there', async () => {
    const wrong = await successful('y');
    expect(await violationsOf(expectedOf(wrong))).toEqual([
      expect.stringContaining(`Job ${wrong}: its a is wrong: {"kind":"file"`),
    ]);
    const id = await successful();
    await put(`results/jobs/${id}/1/a.txt`);
    expect(await violationsOf(expectedOf(wrong, { outputs: {} }), expectedOf(id))).toEqual([]);
    await writeFile(join(rig.folder, `results/jobs/${id}/1/a.txt`), 'z');
    expect(await violationsOf(expectedOf(wrong, { outputs: {} }), expectedOf(id))).toEqual([
      `Job ${id}: its a is damaged: ${digest('z')}.`,
    ]);
    await rig.storage.remove(`jobs/${id}/1/a.txt`);
    expect(await violationsOf(expectedOf(wrong, { outputs: {} }), expectedOf(id))).toEqual([
      `Job ${id}: its a is damaged: no file.`,
    ]);
  });

  it('finds what nothing refers to', async () => {
    const id = await successful();
    const orphans = [
      'results/jobs/other/1/a.txt',
      `results/jobs/${id}/1/b.txt`,
      `results/jobs/${id}/2/a.txt`,
      'scratch/x/1.pid',
      'scratch-old-1/y',
    ];
    for (const path of orphans) await put(path);
    const violations = await violationsOf(expectedOf(id));
    expect(violations).toEqual(
      expect.arrayContaining(orphans.map((path) => `Nothing refers to ${path}.`)),
    );
    expect(violations).not.toContain(`Nothing refers to results/jobs/${id}/1/a.txt.`);
  });

  it('finds a failure without a good cause, and a dismissal that nobody wanted or that was forgotten', async () => {
    const broken = await failed({ kind: 'internal', message: 'Broken.' });
    const early = await failed({ kind: 'crashed', message: 'It was tried 3 times.' });
    const dismissed = await rig.add({});
    await rig.store.dismiss(dismissed, anonymous);
    const kept = await successful();
    expect(
      await violationsOf(
        expectedOf(broken),
        expectedOf(early),
        expectedOf(dismissed),
        expectedOf(kept, { isDismissed: true }),
      ),
    ).toEqual([
      `Job ${broken}: it failed without a good cause: {"kind":"internal","message":"Broken."}.`,
      `Job ${early}: it failed without a good cause: {"kind":"crashed","message":"It was tried 3 times."}.`,
      `Job ${dismissed}: it is dismissed, and was not dismissed by its user.`,
      `Job ${kept}: it is successful, and was dismissed by its user.`,
    ]);
  });

  it('finds a second end', async () => {
    const id = await successful();
    await rig.tell(id, 'The job failed. Twice.');
    expect(await violationsOf(expectedOf(id))).toEqual([
      `Job ${id}: its log tells of 2 ends: The job finished; its results are there. The job failed. Twice..`,
    ]);
  });

  it('finds an attempt that began twice', async () => {
    const id = await successful();
    await rig.tell(id, 'Attempt 1 began.');
    expect(await violationsOf(expectedOf(id))).toEqual([
      `Job ${id}: 1 attempts, and its log tells of these: 1,1.`,
    ]);
  });
});
