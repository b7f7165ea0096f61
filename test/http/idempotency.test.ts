/** Idempotency-Key: a request that is repeated makes one job. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, untilStatus, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const execute = (key: string, inputs: object) =>
  server.request
    .post('/processes/echo/execution')
    .set('Prefer', 'respond-async')
    .set('Idempotency-Key', key)
    .send({ inputs });

it('a repeated request answers 201 with the job of the first, also when that has ended', async () => {
  const key = randomUUID();
  const first = await execute(key, { a: 'x', pause: 0 }).expect(201);
  const again = await execute(key, { pause: 0, a: 'x' }).expect(201);
  expect(again.headers['location']).toBe(first.headers['location']);
  await untilStatus(server, first.body.jobID, 'successful');
  const late = await execute(`"${key}"`, { a: 'x', pause: 0 }).expect(201);
  expect(late.body).toMatchObject({ jobID: first.body.jobID, status: 'successful' });
  await server.request.delete(`/jobs/${first.body.jobID}`).expect(200);
  const dismissed = await execute(key, { a: 'x', pause: 0 }).expect(201);
  expect(dismissed.body).toMatchObject({ jobID: first.body.jobID, status: 'dismissed' });
});

it('requests that come at once make one job', async () => {
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => execute(key, { a: 'at once' }).expect(201)),
  );
  expect(new Set(answers.map(({ body }) => body.jobID as string)).size).toBe(1);
  const { body } = await server.request.get('/jobs?limit=100').expect(200);
  const ids = (body.jobs as { jobID: string }[]).map(({ jobID }) => jobID);
  expect(ids.filter((id) => id === answers[0]?.body.jobID)).toHaveLength(1);
});

it('another request with the same key is refused with 422, and makes no job', async () => {
  const key = randomUUID();
  const first = await execute(key, { a: 'x' }).expect(201);
  const count = async () =>
    (await server.request.get('/jobs?limit=100')).body.jobs.length as number;
  const before = await count();
  const refused = await execute(key, { a: 'y' }).expect(422);
  expect(refused.body).toMatchObject({
    title: 'The Idempotency-Key belongs to another request',
    detail: expect.stringContaining(first.body.jobID as string),
  });
  expect(await count()).toBe(before);
});

it('requests without a key, or with different keys, make jobs of their own', async () => {
  const one = await execute(randomUUID(), { a: 'x' }).expect(201);
  const other = await execute(randomUUID(), { a: 'x' }).expect(201);
  expect(one.body.jobID).not.toBe(other.body.jobID);
});

it.each(['two words', '"open', 'x'.repeat(256), '""'])('a key like %j is refused', async (key) => {
  const refused = await execute(key, { a: 'x' }).expect(400);
  expect(refused.body.detail).toContain('Idempotency-Key');
});
