/** Our own checks of the official suite's points: jobs that are executed asynchronously. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import {
  asText,
  expectException,
  expectJob,
  expectStatusInfo,
  point,
  startSuite,
  type StatusDocument,
  type Suite,
} from '../../support/suite/point.ts';

startSuite();

const exceptions = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0';
const resultsRelation = 'http://www.opengis.net/def/rel/ogc/1.0/results';

/** Executes as a job; some requests of the suite have a blank after the preference. */
const start = async (suite: Suite, more: object = {}, prefer = 'respond-async') =>
  expectJob(
    suite,
    await suite.execute({ inputs: suite.inputs, outputs: suite.outputs, ...more }, prefer),
  );

/**
 * Follows a job to its results. The suite looks four times, five seconds apart, and judges what it saw before it slept:
 * a job has to end within ten seconds.
 */
async function resultsLink(suite: Suite, path: string): Promise<string> {
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
  point(
    'Jobs.testJobCreationAutoExecutionMode',
    ['/req/core/process-execute-auto-execution-mode'],
    async (suite) => {
      const body = { inputs: suite.inputs, outputs: suite.outputs };
      const answer = await suite.execute(body, 'respond-async').expect(201);
      expect(answer.headers['preference-applied']).toBe('respond-async');
    },
  );

  point('Jobs.testJobCreationOp', ['/req/core/process-execute-op'], async (suite) => {
    await start(suite, {}, 'respond-async ');
  });

  point('Jobs.testJobCreationRequest', ['/req/core/process-execute-request'], async (suite) => {
    await start(suite);
  });

  point(
    'Jobs.testJobCreationSuccessAsync',
    ['/req/core/process-execute-success-async'],
    async (suite) => {
      await start(suite);
    },
  );

  point('Jobs.testJobSuccess', ['/req/core/job-success'], async (suite) => {
    expectStatusInfo((await start(suite, {}, 'respond-async ')).status);
  });
});

describe('Jobs, executed asynchronously: results', () => {
  point('Jobs.testJobResults', ['/req/core/job-results'], async (suite) => {
    const { path } = await start(suite);
    await resultsLink(suite, path);
    await suite.request.get(`${path}/results`).expect(200);
  });

  point(
    'Jobs.testJobResultsAsyncDocument',
    ['/req/core/job-results-async-document'],
    async (suite) => {
      const { path } = await start(suite, { response: 'document' });
      await resultsLink(suite, path);
      const { body } = await suite.request.get(`${path}/results`).expect(200);
      expect(body).toEqual({ a: { value: 'teststring' }, m: { value: 'teststring' } });
    },
  );

  point(
    'Jobs.testJobResultsAsyncRawMixedMulti',
    ['/req/core/job-results-async-raw-mixed-multi'],
    async (suite) => {
      await start(suite);
    },
  );

  point(
    'Jobs.testJobResultsAsyncRawRef',
    ['/req/core/job-results-async-raw-ref'],
    async (suite) => {
      await start(suite);
    },
  );

  point(
    'Jobs.testJobResultsAsyncRawValueMulti',
    ['/req/core/job-results-async-raw-value-multi'],
    async (suite) => {
      const { path } = await start(suite, { response: 'raw' });
      await resultsLink(suite, path);
      const { body } = await asText(suite.request.get(`${path}/results`)).expect(200);
      expect((body as string).match(/Content-ID: \w+/g)).toEqual([
        'Content-ID: a',
        'Content-ID: m',
      ]);
    },
  );

  point(
    'Jobs.testJobResultsAsyncRawValueOne',
    ['/req/core/job-results-async-raw-value-one'],
    async (suite) => {
      const [id = ''] = Object.keys(suite.inputs);
      const outputs = { [id]: suite.outputs[id] };
      const { path } = await start(suite, { outputs, response: 'raw' });
      const href = await resultsLink(suite, path);
      expect(href).toBe(`${suite.root}${path}/results`);
      const { body } = await asText(suite.request.get(`${path}/results`)).expect(200);
      expect(body).toBe('teststring');
    },
  );
});

describe('Jobs, executed asynchronously: exceptions', () => {
  point(
    'Jobs.testJobExceptionNoSuchJob',
    ['/req/core/job-exception-no-such-job'],
    async (suite) => {
      const answer = await suite.request.get(`/jobs/invalid-job-${randomUUID()}`);
      expectException(answer, [404]);
      expect(answer.body.type).toBe(`${exceptions}/no-such-job`);
    },
  );

  point(
    'Jobs.testJobResultsNoSuchJob',
    ['/req/core/job-results-exception/no-such-job'],
    async (suite) => {
      const answer = await suite.request.get(`/jobs/invalid-job-${randomUUID()}/results`);
      expectException(answer, [404]);
      expect(answer.body.type).toBe(`${exceptions}/no-such-job`);
    },
  );

  point(
    'Jobs.testJobResultsExceptionResultsNotReady',
    ['/req/core/job-results-exception/results-not-ready'],
    async (suite) => {
      const [id = ''] = Object.keys(suite.inputs);
      const { path } = await start(suite, {
        inputs: { [id]: 'teststring', pause: 5 },
        outputs: { [id]: suite.outputs[id] },
        response: 'raw',
      });
      const answer = await suite.request.get(`${path}/results`).set('Accept', 'application/json');
      expectException(answer, [404]);
      expect(answer.body.type).toBe(`${exceptions}/result-not-ready`);
    },
  );
});
