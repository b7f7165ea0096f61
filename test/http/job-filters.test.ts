import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { startTestServer, type StatusInfo, type TestServer } from '../support/server.ts';
import { addJobs, type StoredJob } from '../support/stored-jobs.ts';

const mask = 'senseiv2-cloudmask';
const day = (date: number, time = '12:00:00Z') =>
  `2026-03-${String(date).padStart(2, '0')}T${time}`;

/** A name for each, by which the tests speak of it; the oldest first. */
const stored: Readonly<Record<string, StoredJob>> = {
  success: { processId: 'echo', status: 'successful', created: day(1), seconds: 10 },
  longSuccess: { processId: mask, status: 'successful', created: day(2), seconds: 100 },
  failure: { processId: mask, status: 'failed', created: day(3), seconds: 5 },
  unrunDismissal: { processId: 'echo', status: 'dismissed', created: day(4) },
  lateDismissal: { processId: 'echo', status: 'dismissed', created: day(5), seconds: 50 },
  // The server that starts after it fails it, as interrupted: how long it ran is known then.
  lost: { processId: 'echo', status: 'running', created: day(6), seconds: 0 },
};
const names = Object.keys(stored);

let folder: string;
let server: TestServer;
let nameOf: ReadonlyMap<string, string>;
beforeAll(async () => {
  folder = await temporaryDataFolder();
  const ids = await addJobs(folder, Object.values(stored));
  nameOf = new Map(ids.map((id, index) => [id, names[index] ?? '']));
  server = await startTestServer({
    dataDirectory: folder,
    now: () => new Date(day(6, '12:01:00Z')),
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function listed(query: string): Promise<(string | undefined)[]> {
  const { body } = await server.request.get(`/jobs?limit=100&${query}`).expect(200);
  return (body as { jobs: StatusInfo[] }).jobs.map((job) => nameOf.get(job.jobID));
}
const newestFirst = (...wanted: string[]) =>
  names.filter((name) => wanted.includes(name)).toReversed();

describe('GET /jobs with filters', () => {
  // /req/job-list/job-list-op, /req/job-list/job-list-success, /req/job-list/type-response,
  // /req/job-list/processid-response, /req/job-list/status-response, /req/job-list/datetime-response,
  // /req/job-list/duration-definition (with the response that the standard labels as status-response)
  it.each([
    ['type-response', 'type=process', names],
    [
      'processid-response',
      'processID=echo',
      ['success', 'unrunDismissal', 'lateDismissal', 'lost'],
    ],
    ['processid-response', `processID=${mask},echo`, names],
    ['processid-response', `processID=${mask}&processID=none`, ['longSuccess', 'failure']],
    ['processid-response', 'processID=none', []],
    ['status-response', 'status=successful', ['success', 'longSuccess']],
    [
      'status-response',
      'status=failed,dismissed',
      ['failure', 'unrunDismissal', 'lateDismissal', 'lost'],
    ],
    ['status-response', 'status=failed&status=accepted', ['failure', 'lost']],
    ['datetime-response', `datetime=${day(2)}`, ['longSuccess']],
    ['datetime-response', `datetime=${day(2, '13:00:00%2B01:00')}`, ['longSuccess']],
    ['datetime-response', `datetime=${day(2, '12:00:01Z')}`, []],
    [
      'datetime-response',
      `datetime=${day(2)}/${day(4)}`,
      ['longSuccess', 'failure', 'unrunDismissal'],
    ],
    ['datetime-response', `datetime=${day(4, '12:00:00.001Z')}/..`, ['lateDismissal', 'lost']],
    ['datetime-response', `datetime=${day(5)}/`, ['lateDismissal', 'lost']],
    ['datetime-response', `datetime=../${day(1)}`, ['success']],
    ['datetime-response', `datetime=/${day(2)}`, ['success', 'longSuccess']],
    ['duration-definition', 'minDuration=10', ['success', 'longSuccess', 'lateDismissal', 'lost']],
    ['duration-definition', 'maxDuration=10', ['success', 'failure']],
    ['duration-definition', 'minDuration=10&maxDuration=59', ['success', 'lateDismissal']],
    ['duration-definition', 'minDuration=50&status=successful', ['longSuccess']],
    ['duration-definition', 'minDuration=0&status=accepted', []],
    ['duration-definition', 'minDuration=100,50', ['longSuccess', 'lateDismissal', 'lost']],
    [
      'job-list-op',
      `status=successful,failed&processID=${mask}&datetime=${day(3)}/..&maxDuration=5`,
      ['failure'],
    ],
  ])('%s: %s', async (_requirement, query, wanted) => {
    expect(await listed(query)).toEqual(newestFirst(...wanted));
  });

  it('/req/job-list/links, /rec/job-list/job-list-next-1: next keeps the filters, page by page', async () => {
    const seen: (string | undefined)[] = [];
    let path: string | undefined =
      `/jobs?processID=echo&processID=${mask}&status=successful%2Cfailed&limit=1`;
    while (path !== undefined) {
      const { body } = await server.request.get(path).expect(200);
      const { jobs, links } = body as {
        jobs: StatusInfo[];
        links: { rel: string; href: string }[];
      };
      expect(jobs).toHaveLength(1);
      expect(links[0]).toMatchObject({ rel: 'self', href: server.root + path });
      seen.push(...jobs.map((job) => nameOf.get(job.jobID)));
      path = links.find((link) => link.rel === 'next')?.href.slice(server.root.length);
    }
    expect(seen).toEqual(newestFirst('success', 'longSuccess', 'failure', 'lost'));
  });

  it('/req/job-list/processID-mandatory: every job tells its process', async () => {
    const { body } = await server.request.get('/jobs').expect(200);
    for (const job of body.jobs) {
      const { processId } = stored[nameOf.get(job.jobID) ?? ''] ?? {};
      expect(job).toMatchObject({ processID: processId, type: 'process', id: job.jobID });
    }
  });

  // /req/job-list/type-definition, /req/job-list/processID-definition, /req/job-list/status-definition,
  // /req/job-list/datetime-definition, /req/job-list/duration-definition
  it.each([
    ['type-definition', 'type=other', '"process"'],
    ['status-definition', 'status=done', 'accepted, running, successful, failed, dismissed'],
    ['status-definition', 'status=failed,', 'accepted, running'],
    ['processID-definition', 'processID=', 'ids of processes'],
    ['datetime-definition', 'datetime=yesterday', 'a time of RFC 3339'],
    ['datetime-definition', 'datetime=2026-02-30T00:00:00Z', 'a time of RFC 3339'],
    ['datetime-definition', `datetime=${day(3)}/${day(2)}`, 'a time of RFC 3339'],
    ['datetime-definition', 'datetime=../..', 'a time of RFC 3339'],
    ['datetime-definition', `datetime=${day(1)}/${day(2)}/${day(3)}`, 'a time of RFC 3339'],
    ['datetime-definition', `datetime=${day(1)}&datetime=${day(2)}`, 'a time of RFC 3339'],
    ['duration-definition', 'minDuration=-1', 'whole seconds'],
    ['duration-definition', 'maxDuration=1.5', 'whole seconds'],
    ['limit-definition', `processID=${'x,'.repeat(21)}`, 'ids of processes'],
  ])('%s: 400 for %s, saying what is accepted', async (_name, query, accepted) => {
    const { body } = await server.request.get(`/jobs?${query}`).expect(400);
    expect(body.detail).toContain(accepted);
  });

  it.each(['0', '-1', '10001', 'x', '', '1.5'])(
    '/req/job-list/limit-definition: 400 for limit=%s',
    async (limit) => {
      const { body } = await server.request.get(`/jobs?limit=${limit}`).expect(400);
      expect(body.detail).toContain('an integer from 1 to 10000');
    },
  );

  it('/req/job-list/limit-response: at most so many, also of several states', async () => {
    const { body } = await server.request.get('/jobs?status=successful,failed&limit=3').expect(200);
    expect(body.jobs).toHaveLength(3);
  });
});
