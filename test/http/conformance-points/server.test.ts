/** Our own checks of the official suite's points: landing page, conformance, lists and processes. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemas } from '../../../src/http/openapi-schemas.ts';
import {
  asText,
  expectException,
  expectStatusInfo,
  faultsOf,
  openSuite,
  type StatusDocument,
  type Suite,
} from '../../support/suite/suite.ts';
import { descriptionFaults } from '../../support/suite/process-description.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await openSuite();
});
afterAll(() => suite.close());

const relations = 'http://www.opengis.net/def/rel/ogc/1.0';
const conformance = 'http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf';

/** Asks as the suite does for most documents. */
const get = (path: string) => suite.request.get(path).set('Accept', 'application/json');

/** First line of the answer, as it came over the line. */
async function statusLine(): Promise<string> {
  const { hostname, port, pathname } = new URL(`${suite.root}/`);
  const socket = connect(Number(port), hostname);
  socket.end(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
  return (await text(socket)).split('\r\n')[0] ?? '';
}

describe('GeneralHttp, LandingPage, Conformance', () => {
  it('GeneralHttp.testHttp /req/core/http', async () => {
    expect(await statusLine()).toBe('HTTP/1.1 200 OK');
    // The very first request is made by Java, which accepts this.
    const accept = 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2';
    await suite.request
      .get('/')
      .set('Accept', accept)
      .expect(200)
      .expect('Content-Type', /^(?:application\/json|text\/html)/);
  });

  it('LandingPage.testLandingPageRetrieval /req/core/landingpage-op', async () => {
    await get('/').expect(200).expect('Content-Type', 'application/json');
    await suite.request.get('/').expect(200).expect('Content-Type', 'application/json');
  });

  it('LandingPage.testLandingPageValidation /req/core/landingpage-success /req/core/api-definition-op', async () => {
    const { body } = await get('/');
    expect(faultsOf('LandingPage', body)).toEqual([]);
    const rels = (body as { links: { rel: string }[] }).links.map(({ rel }) => rel);
    expect(rels).toEqual(
      expect.arrayContaining([
        'service-desc',
        `${relations}/conformance`,
        `${relations}/processes`,
      ]),
    );
  });

  it('Conformance.testValidateConformanceOperationAndResponse /req/core/conformance-op /req/core/conformance-success', async () => {
    const { body } = await get('/conformance').expect(200);
    expect(faultsOf('Conformance', body)).toEqual([]);
    const classes = 'core ogc-process-description json html oas30 job-list callback dismiss';
    expect(body.conformsTo).toEqual(
      expect.arrayContaining(classes.split(' ').map((name) => `${conformance}/${name}`)),
    );
  });
});

describe('ProcessList', () => {
  it('ProcessList.testPlLimitDefinition /req/core/pl-limit-definition', async () => {
    // The suite looks at a document of its own; here it is our definition that has to have the parameter.
    const { body } = await asText(suite.request.get('/api')).expect(200);
    const definition = JSON.parse(body as string) as {
      paths: Record<string, { get: { parameters: unknown[] } }>;
      components: { parameters: Record<string, unknown> };
    };
    const ref = { $ref: '#/components/parameters/limit' };
    expect(definition.paths['/processes']?.get.parameters).toContainEqual(ref);
    expect(definition.components.parameters['limit']).toMatchObject({
      name: 'limit',
      in: 'query',
      schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 10 },
    });
  });

  it('ProcessList.testPlLimitResponse /req/core/pl-limit-response', async () => {
    const { body } = await get('/processes?limit=1').expect(200);
    expect(body.processes).toHaveLength(1);
    expect(faultsOf('ProcessList', body)).toEqual([]);
  });

  it('ProcessList.testPlLinks /req/core/pl-links', async () => {
    const { body } = await get('/processes?limit=1').expect(200);
    const rels = (body as { links: { rel: string }[] }).links.map(({ rel }) => rel);
    expect(rels).toEqual(expect.arrayContaining(['self', 'next']));
  });

  it('ProcessList.testProcessList /req/core/process-list', async () => {
    const { body } = await get('/processes').expect(200);
    expect(body.processes.map(({ id }: { id: string }) => id)).toContain('echo');
  });

  it('ProcessList.testProcessListSuccess /req/core/process-list-success', async () => {
    const { body } = await get('/processes').expect(200);
    expect(faultsOf('ProcessList', body)).toEqual([]);
    const { jobControlOptions, outputTransmission } = schemas.ProcessSummary.properties;
    for (const process of body.processes) {
      expect(jobControlOptions.items).toMatchObject({
        enum: expect.arrayContaining(process.jobControlOptions) as unknown,
      });
      expect(outputTransmission.items).toMatchObject({
        enum: expect.arrayContaining(process.outputTransmission) as unknown,
      });
    }
  });
});

describe('Process', () => {
  it('Process.testProcess /req/core/process /req/core/test-process', async () => {
    const answer = await get('/processes/echo').expect(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(descriptionFaults(answer.body)).toEqual([]);
  });

  it('Process.testProcessSuccess /req/core/process-success', async () => {
    const { body: list } = await get('/processes');
    // The suite looks at the echo process only; the dialect is the same for all.
    for (const { id } of list.processes) {
      const { body } = await get(`/processes/${id}`).expect(200);
      expect(descriptionFaults(body)).toEqual([]);
    }
  });

  it('Process.testProcessExceptionNoSuchProcess /req/core/process-exception/no-such-process', async () => {
    const answer = await get(`/processes/invalid-process-${randomUUID()}`);
    expectException(answer, [404]);
    expect(answer.body.type).toMatch(/^http:.*\/ogcapi-processes-1\/1\.0\/no-such-process$/);
  });
});

describe('JobList', () => {
  const listed = async (): Promise<StatusDocument[]> => {
    await suite.execute({ inputs: suite.inputs }, 'respond-async').expect(201);
    const { body } = await get('/jobs').expect(200);
    expect(faultsOf('JobList', body)).toEqual([]);
    return body.jobs as StatusDocument[];
  };

  it('JobList.testJobList /req/job-list/job-list-op', async () => {
    expect((await listed()).length).toBeGreaterThan(0);
  });

  it('JobList.testJobListSuccess /req/job-list/job-list-success', async () => {
    const jobs = await listed();
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) expectStatusInfo(job);
  });
});
