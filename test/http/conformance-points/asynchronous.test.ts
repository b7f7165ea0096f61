/** Our own checks of the official suite's points: jobs that are executed asynchronously. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asText,
  expectException,
  expectJob,
  expectStatusInfo,
  openSuite,
  type StatusDocument,
  type Suite,
} from '../../support/suite/suite.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await openSuite();
});
afterAll(() => suite.close());

const exceptions = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0';
const resultsRelation = 'http://www.opengis.net/def/rel/ogc/1.0/results';

/** Executes as a job; some requests of the suite have a blank after the preference. */
const start = async (more: object = {}, prefer = 'respond-async') =>
  expectJob(
    suite,
    await suite.execute({ inputs: suite.inputs, outputs: suite.outputs, ...more }, prefer),
  );

/**
 * Follows a job to its results. The suite looks four times, five seconds apart, and judges what it saw before it slept:
 * a job has to end within ten seconds.
 */
async function resultsLink(path: string): Promise<string> {
  for (let looks = 0; looks < 50; looks += 1) {
    const { body } = await suite.request.get(path).set('Accept', 'application/json').expect(200);
    const { links } = body as StatusDocument;
    const found = links.find(({ rel }) => rel === resultsRelation);
    if (found !== undefined) return found.href;
    expect(links.map(({ rel }) => rel)).toContain('monitor');
    await sleep(200);
  }
  throw new Error('The suite would not have waited so long for the results.');
}

describe('Jobs, executed asynchronously: how', () => {
  it('Jobs.testJobCreationAutoExecutionMode /req/core/process-execute-auto-execution-mode', async () => {
    const body = { inputs: suite.inputs, outputs: suite.outputs };
    const answer = await suite.execute(body, 'respond-async').expect(201);
    expect(answer.headers['preference-applied']).toBe('respond-async');
  });

  it('Jobs.testJobCreationOp /req/core/process-execute-op', async () => {
    expect((await start({}, 'respond-async ')).status).toMatchObject({
      type: 'process',
      processID: 'echo',
    });
  });

  it('Jobs.testJobCreationRequest /req/core/process-execute-request', async () => {
    expect((await start()).status).toMatchObject({ type: 'process', processID: 'echo' });
  });

  it('Jobs.testJobCreationSuccessAsync /req/core/process-execute-success-async', async () => {
    expect((await start()).status).toMatchObject({ type: 'process', processID: 'echo' });
  });

  it('Jobs.testJobSuccess /req/core/job-success', async () => {
    const { status } = await start({}, 'respond-async ');
    expect(['accepted', 'running', 'successful']).toContain(status.status);
    expectStatusInfo(status);
  });
});

describe('Jobs, executed asynchronously: results', () => {
  it('Jobs.testJobResults /req/core/job-results', async () => {
    const { path } = await start();
    await resultsLink(path);
    await suite.request.get(`${path}/results`).expect(200);
  });

  it('Jobs.testJobResultsAsyncDocument /req/core/job-results-async-document', async () => {
    const { path } = await start({ response: 'document' });
    await resultsLink(path);
    const { body } = await suite.request.get(`${path}/results`).expect(200);
    expect(body).toEqual({ a: { value: 'teststring' }, m: { value: 'teststring' } });
  });

  it('Jobs.testJobResultsAsyncRawMixedMulti /req/core/job-results-async-raw-mixed-multi', async () => {
    expect((await start()).status).toMatchObject({ type: 'process', processID: 'echo' });
  });

  it('Jobs.testJobResultsAsyncRawRef /req/core/job-results-async-raw-ref', async () => {
    expect((await start()).status).toMatchObject({ type: 'process', processID: 'echo' });
  });

  it('Jobs.testJobResultsAsyncRawValueMulti /req/core/job-results-async-raw-value-multi', async () => {
    const { path } = await start({ response: 'raw' });
    await resultsLink(path);
    const { body } = await asText(suite.request.get(`${path}/results`)).expect(200);
    expect((body as string).match(/Content-ID: \w+/g)).toEqual(['Content-ID: a', 'Content-ID: m']);
  });

  it('Jobs.testJobResultsAsyncRawValueOne /req/core/job-results-async-raw-value-one', async () => {
    const [id = ''] = Object.keys(suite.inputs);
    const outputs = { [id]: suite.outputs[id] };
    const { path } = await start({ outputs, response: 'raw' });
    const href = await resultsLink(path);
    expect(href).toBe(`${suite.root}${path}/results`);
    const { body } = await asText(suite.request.get(`${path}/results`)).expect(200);
    expect(body).toBe('teststring');
  });
});

describe('Jobs, executed asynchronously: exceptions', () => {
  it('Jobs.testJobExceptionNoSuchJob /req/core/job-exception-no-such-job', async () => {
    const answer = await suite.request.get(`/jobs/invalid-job-${randomUUID()}`);
    expectException(answer, [404]);
    expect(answer.body.type).toBe(`${exceptions}/no-such-job`);
  });

  it('Jobs.testJobResultsNoSuchJob /req/core/job-results-exception/no-such-job', async () => {
    const answer = await suite.request.get(`/jobs/invalid-job-${randomUUID()}/results`);
    expectException(answer, [404]);
    expect(answer.body.type).toBe(`${exceptions}/no-such-job`);
  });

  it('Jobs.testJobResultsExceptionResultsNotReady /req/core/job-results-exception/results-not-ready', async () => {
    const [id = ''] = Object.keys(suite.inputs);
    const { path } = await start({
      inputs: { [id]: 'teststring', pause: 5 },
      outputs: { [id]: suite.outputs[id] },
      response: 'raw',
    });
    const answer = await suite.request.get(`${path}/results`).set('Accept', 'application/json');
    expectException(answer, [404]);
    expect(answer.body.type).toBe(`${exceptions}/result-not-ready`);
  });
});
