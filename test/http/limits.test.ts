import { expect, it } from 'vitest';
import { startEcho, startTestServer, untilStatus } from '../support/server.ts';

const long = { inputs: { a: 'x', pause: 60 } };

it('answers 429 with Retry-After when MAX_QUEUED_JOBS wait, also to requests that come together', async () => {
  const server = await startTestServer({ settings: { MAX_QUEUED_JOBS: '2' } });
  try {
    const { jobID } = await startEcho(server, long);
    await untilStatus(server, jobID, 'running');
    const post = () =>
      server.request.post('/processes/echo/execution').set('Prefer', 'respond-async').send(long);
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(async () => post()));
    const accepted = answers.filter(({ status }) => status === 201);
    expect(accepted.length).toBeLessThanOrEqual(2);
    while (accepted.length < 2) accepted.push(await post().expect(201));
    const refused = await post().expect(429).expect('Retry-After', '60');
    expect(refused.body).toEqual({
      status: 429,
      type: 'urn:senseiv2-cloudmask:problem:queue-full',
      title: 'Too many jobs are waiting',
      detail:
        '2 jobs are waiting already, which is the most that this server takes. Try again later.',
    });
    await server.request.delete(`/jobs/${accepted[0]?.body.jobID}`).expect(200);
    await post().expect(201);
  } finally {
    await server.close();
  }
});

it('answers 503 with Retry-After when 32 synchronous executions run', async () => {
  const server = await startTestServer();
  try {
    const leaving = new AbortController();
    const url = `${server.app.address}/processes/echo/execution`;
    const headers = { 'Content-Type': 'application/json' };
    const post = (body: object) =>
      fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: leaving.signal });
    const running = Array.from({ length: 32 }, () => post(long).catch(() => undefined));
    const ask = async () => {
      const answer = await post({ inputs: { a: 'x' } });
      return [answer.status, answer.headers.get('Retry-After')];
    };
    await expect.poll(ask, { timeout: 10_000 }).toEqual([503, '5']);
    leaving.abort();
    await Promise.all(running);
  } finally {
    await server.close();
  }
});
