/** Our own checks of the official suite's points: landing page, conformance, lists and processes. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { schemas } from '../../../src/http/openapi-schemas.ts';
import { parameters } from '../../../src/http/openapi.ts';
import {
  expectException,
  expectStatusInfo,
  faultsOf,
  point,
  startSuite,
  type StatusDocument,
  type Suite,
} from '../../support/suite/point.ts';
import { descriptionFaults } from '../../support/suite/process-description.ts';

startSuite();

const relations = 'http://www.opengis.net/def/rel/ogc/1.0';
const conformance = 'http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf';

/** Asks as the suite does for most documents. */
const get = ({ request }: Suite, path: string) =>
  request.get(path).set('Accept', 'application/json');

/** First line of the answer, as it came over the line. */
async function statusLine({ root }: Suite): Promise<string> {
  const { hostname, port, pathname } = new URL(`${root}/`);
  const socket = connect(Number(port), hostname);
  socket.end(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
  return (await text(socket)).split('\r\n')[0] ?? '';
}

describe('GeneralHttp, LandingPage, Conformance', () => {
  point('GeneralHttp.testHttp', ['/req/core/http'], async (suite) => {
    expect(await statusLine(suite)).toBe('HTTP/1.1 200 OK');
  });

  point('LandingPage.testLandingPageRetrieval', ['/req/core/landingpage-op'], async (suite) => {
    await get(suite, '/').expect(200).expect('Content-Type', 'application/json');
    await suite.request.get('/').expect(200).expect('Content-Type', 'application/json');
  });

  point(
    'LandingPage.testLandingPageValidation',
    ['/req/core/landingpage-success', '/req/core/api-definition-op'],
    async (suite) => {
      const { body } = await get(suite, '/');
      expect(faultsOf('LandingPage', body)).toEqual([]);
      const rels = (body as { links: { rel: string }[] }).links.map(({ rel }) => rel);
      expect(rels).toEqual(
        expect.arrayContaining([
          'service-desc',
          `${relations}/conformance`,
          `${relations}/processes`,
        ]),
      );
    },
  );

  point(
    'Conformance.testValidateConformanceOperationAndResponse',
    ['/req/core/conformance-op', '/req/core/conformance-success'],
    async (suite) => {
      const { body } = await get(suite, '/conformance').expect(200);
      expect(faultsOf('Conformance', body)).toEqual([]);
      expect(body.conformsTo).toContain(`${conformance}/core`);
    },
  );
});

describe('ProcessList', () => {
  point('ProcessList.testPlLimitDefinition', ['/req/core/pl-limit-definition'], () => {
    // The suite looks at a document of its own; here it is our definition that has to have the parameter.
    expect(parameters.limit).toMatchObject({
      name: 'limit',
      in: 'query',
      schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 10 },
    });
    return Promise.resolve();
  });

  point('ProcessList.testPlLimitResponse', ['/req/core/pl-limit-response'], async (suite) => {
    const { body } = await get(suite, '/processes?limit=1').expect(200);
    expect(body.processes).toHaveLength(1);
  });

  point('ProcessList.testPlLinks', ['/req/core/pl-links'], async (suite) => {
    const { body } = await get(suite, '/processes?limit=1').expect(200);
    const rels = (body as { links: { rel: string }[] }).links.map(({ rel }) => rel);
    expect(rels).toEqual(expect.arrayContaining(['self', 'next']));
  });

  point('ProcessList.testProcessList', ['/req/core/process-list'], async (suite) => {
    const { body } = await get(suite, '/processes').expect(200);
    expect(body.processes.map(({ id }: { id: string }) => id)).toContain('echo');
  });

  point('ProcessList.testProcessListSuccess', ['/req/core/process-list-success'], async (suite) => {
    const { body } = await get(suite, '/processes').expect(200);
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
  point('Process.testProcess', ['/req/core/process'], async (suite) => {
    await get(suite, '/processes/echo').expect(200).expect('Content-Type', 'application/json');
  });

  point('Process.testProcessSuccess', ['/req/core/process-success'], async (suite) => {
    const { body: list } = await get(suite, '/processes');
    // The suite looks at the echo process only; the dialect is the same for all.
    for (const { id } of list.processes) {
      const { body } = await get(suite, `/processes/${id}`).expect(200);
      expect(descriptionFaults(body)).toEqual([]);
    }
  });

  point(
    'Process.testProcessExceptionNoSuchProcess',
    ['/req/core/process-exception/no-such-process'],
    async (suite) => {
      const answer = await get(suite, `/processes/invalid-process-${randomUUID()}`);
      expectException(answer, [404]);
      expect(answer.body.type).toMatch(/^http:.*\/ogcapi-processes-1\/1\.0\/no-such-process$/);
    },
  );
});

describe('JobList', () => {
  const listed = async (suite: Suite): Promise<StatusDocument[]> => {
    await suite.execute({ inputs: suite.inputs }, 'respond-async').expect(201);
    const { body } = await get(suite, '/jobs').expect(200);
    expect(faultsOf('JobList', body)).toEqual([]);
    return body.jobs as StatusDocument[];
  };

  point('JobList.testJobList', ['/req/job-list/job-list-op'], async (suite) => {
    expect((await listed(suite)).length).toBeGreaterThan(0);
  });

  point('JobList.testJobListSuccess', ['/req/job-list/job-list-success'], async (suite) => {
    for (const job of await listed(suite)) expectStatusInfo(job);
  });
});
