import { expect, it } from 'vitest';
import { startEcho, startTestServer, untilStatus } from '../support/server.ts';

const long = { inputs: { a: 'x', pause: 60 } };

it('answers 429 with the limit, what was found and Retry-After when an owner has too much waiting', async () => {
  const server = await startTestServer({
    settings: { MAX_QUEUED_JOBS_PER_OWNER: '3', MAX_QUEUED_WINDOWS_PER_OWNER: '2' },
  });
  try {
    const { jobID } = await startEcho(server, long);
    await untilStatus(server, jobID, 'running');
    const post = async () =>
      server.request.post('/processes/echo/execution').set('Prefer', 'respond-async').send(long);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(post));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toBe('60');
    expect(refused?.body).toEqual({
      status: 429,
      type: 'urn:senseiv2-cloudmask:problem:quota-reached',
      title: 'Too much of yours is waiting',
      detail:
        'Your waiting jobs need 2 windows and this one 1; the most that one user may have waiting is 2. Try again when some of them run, or take a larger stride, which needs fewer.',
    });
  } finally {
    await server.close();
  }
});

it('lets jobs over MAX_RUNNING_JOBS_PER_OWNER wait, though workers are free', async () => {
  const server = await startTestServer({
    settings: { MAX_RUNNING_JOBS: '3', MAX_RUNNING_JOBS_PER_OWNER: '1' },
  });
  try {
    const first = await startEcho(server, long);
    await untilStatus(server, first.jobID, 'running');
    const second = await startEcho(server, { inputs: { a: 'x' } });
    const { body } = await server.request.get(`/jobs/${second.jobID}`).expect(200);
    expect(body.status).toBe('accepted');
    await server.request.delete(`/jobs/${first.jobID}`).expect(200);
    await untilStatus(server, second.jobID, 'successful');
  } finally {
    await server.close();
  }
});
