import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import {
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../support/server.ts';

let receiver: Receiver;
let server: TestServer;
beforeEach(async () => {
  receiver = await startReceiver();
  server = await startTestServer({ settings: { OUTBOUND_TRUSTED_ORIGINS: receiver.origin } });
});
afterEach(async () => {
  await server.close();
  await receiver.close();
});

const subscriber = () => ({
  successUri: `${receiver.origin}/success?token=MARKER`,
  inProgressUri: `${receiver.origin}/progress`,
  failedUri: `${receiver.origin}/failed`,
});
const paths = () => receiver.received.map(({ path }) => path);

describe('callbacks', () => {
  it('/req/callback/job-callback: tells that the job runs, and then its results, signed', async () => {
    const { jobID } = await startEcho(server, {
      inputs: { a: 'x', d: [1], pause: 2 },
      response: 'raw',
      subscriber: subscriber(),
    });
    await until(() => receiver.received.length === 2, 'both callbacks came');
    const [progress, success] = receiver.received.map(({ path, method, body }) => ({
      path,
      method,
      body: JSON.parse(body) as object,
    }));
    expect(progress).toMatchObject({
      path: '/progress',
      method: 'POST',
      body: { jobID, status: 'running', processID: 'echo', type: 'process' },
    });
    expect(success).toEqual({
      path: '/success?token=MARKER',
      method: 'POST',
      body: { a: { value: 'x' }, d: { value: [1] } },
    });
    const secret = await readFile(join(server.dataDirectory, 'callback-secret'), 'utf8');
    for (const { headers, body } of receiver.received) {
      const { 'webhook-id': id, 'webhook-timestamp': time } = headers;
      const digest = createHmac('sha256', secret)
        .update([id, time, body].join('.'))
        .digest('base64');
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'webhook-signature': `v1,${digest}`,
      });
      expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60);
    }
    const { mode } = await stat(join(server.dataDirectory, 'callback-secret'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('tells a dismissal while it runs as a failure, and later removals to nobody', async () => {
    const given = {
      inputs: { a: 'x', pause: 30 },
      subscriber: { failedUri: subscriber().failedUri },
    };
    const { jobID } = await startEcho(server, given);
    await untilStatus(server, jobID, 'running');
    await server.request.delete(`/jobs/${jobID}`).expect(200);
    await until(() => receiver.received.length === 1, 'the callback came');
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      jobID,
      status: 'dismissed',
    });
    const second = await startEcho(server, { inputs: { a: 'x' }, subscriber: subscriber() });
    await until(() => paths().includes('/success?token=MARKER'), 'the results came');
    await server.request.delete(`/jobs/${second.jobID}`).expect(200);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(paths().filter((path) => path === '/failed')).toHaveLength(1);
  });

  it('follows no redirect, and says in the log of the job what happened, without queries', async () => {
    receiver.status = 307;
    const { successUri } = subscriber();
    const { jobID } = await startEcho(server, { inputs: { a: 'x' }, subscriber: { successUri } });
    await until(() => receiver.received.length === 1, 'the callback came');
    const log = async () => (await server.request.get(`/jobs/${jobID}/logs`)).text;
    await until(async () => (await log()).includes('try 1'), 'the log tells of it');
    expect(await log()).toMatch(
      /The callback that tells \\"successful\\" was not delivered to http:\/\/127\.0\.0\.1:\d+\/success \(try 1: status 307\); the next try is in 1\d s\./,
    );
    expect(paths()).toEqual(['/success?token=MARKER']);
    expect(server.log() + (await log())).not.toContain('MARKER');
  });

  it('understands the spelling that the published schema requires', async () => {
    await startEcho(server, {
      inputs: { a: 'x' },
      subscriber: { successUrl: subscriber().successUri },
    });
    await until(() => receiver.received.length > 0, 'the results came');
    expect(paths()).toEqual(['/success?token=MARKER']);
  });

  it.each([
    'http://127.0.0.1:1/x',
    'https://169.254.169.254/latest',
    'https://[::ffff:127.0.0.1]/',
    'https://2130706433/',
    'https://localhost/x',
    'https://user:MARKER@example.com/',
    'https://example.com:22/',
    'ftp://example.com/x',
    'file:///etc/passwd',
    'x',
    `https://example.com/${'x'.repeat(3000)}`,
    7,
    null,
  ])('400 for a subscriber at %s, by the guard of all calls', async (successUri) => {
    const { body } = await server.request
      .post('/processes/echo/execution')
      .set('Prefer', 'respond-async')
      .send({ inputs: { a: 'x' }, subscriber: { successUri } })
      .expect(400);
    expect(body.faults).toEqual([
      { input: 'subscriber/successUri', message: expect.stringMatching(/accepted/i) as unknown },
    ]);
    expect(JSON.stringify(body)).not.toContain('MARKER');
  });

  it('400 for a subscriber that is no object; others of its members are left to later versions', async () => {
    const execute = (value: unknown) =>
      server.request
        .post('/processes/echo/execution')
        .send({ inputs: { a: 'x' }, subscriber: value });
    await execute(['https://example.com']).expect(400);
    await execute({ title: 'x' }).expect(200);
  });
});
