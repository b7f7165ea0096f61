import { expect, it } from 'vitest';
import { startTestServer, until } from '../support/server.ts';

it('a client that leaves a synchronous request stops the work, which is no error', async () => {
  const server = await startTestServer();
  try {
    const leaving = new AbortController();
    const answer = fetch(`${server.app.address}/processes/echo/execution`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ inputs: { a: 'x', pause: 60 } }),
      signal: leaving.signal,
    });
    setTimeout(() => leaving.abort(), 300);
    await expect(answer).rejects.toThrow('aborted');
    await until(() => server.log().includes('Request:Stopped'), 'the work stops');
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.includes('Request:'));
    const entries = lines.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(entries.map(({ level, msg }) => [level, msg])).toEqual([
      [20, 'Request:Abandoned'],
      [20, 'Request:Stopped'],
    ]);
  } finally {
    await server.close();
  }
});
