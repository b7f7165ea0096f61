/** Who reads the log of many processes finds all of a job by its id, and all of a request by its own. */
import { expect, it } from 'vitest';
import {
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../support/server.ts';
import { startReceiver } from '../support/receiver.ts';

interface Line {
  readonly msg: string;
  readonly worker: string;
  readonly jobId?: string;
  readonly requestId?: string;
  readonly path?: string;
}

function linesOf(server: TestServer): Line[] {
  const lines = server.log().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line);
}

it('every line between the acceptance of a job and its last callback has its id, and every line its worker', async () => {
  const receiver = await startReceiver();
  const server = await startTestServer({ settings: { OUTBOUND_TRUSTED_ORIGINS: receiver.origin } });
  try {
    const isReady = async () => (await server.request.get('/readyz')).status === 200;
    await until(isReady, 'nothing else is logged');
    const from = linesOf(server).length;
    const subscriber = { successUri: receiver.origin, inProgressUri: receiver.origin };
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 1 }, subscriber });
    await untilStatus(server, jobID, 'successful');
    await server.request.get(`/jobs/${jobID}/results`).expect(200);
    await server.request.get(`/jobs/${jobID}/results/nothing`).expect(404);
    const tried = () => linesOf(server).filter(({ msg }) => msg === 'Callback:Tried').length === 2;
    await until(tried, 'both callbacks were delivered');
    await server.request.delete(`/jobs/${jobID}`).expect(200);
    const lines = linesOf(server).slice(from);
    const ownWords = ['Job:Accepted', 'Attempt:Started', 'Attempt:Ended', 'Job:Dismissed'];
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(ownWords));
    expect(lines.filter(({ jobId }) => jobId !== jobID)).toEqual([]);
    expect(linesOf(server).filter(({ worker }) => !/^.+-\d+-[0-9a-f]{8}$/.test(worker))).toEqual(
      [],
    );
    const requests = linesOf(server).filter(({ msg }) => msg.startsWith('Request:'));
    const ids = requests.map(({ requestId }) => requestId);
    expect(ids.filter((id) => id === undefined)).toEqual([]);
    expect(new Set(ids).size).toBe(requests.length);
  } finally {
    await server.close();
    await receiver.close();
  }
});
