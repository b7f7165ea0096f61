/**
 * Documents against the schemas that the official suite reads from schemas.opengis.net. The component schemas of our own
 * API definition say more; these are what everybody else goes by.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startOddServer, type OddServer } from '../support/jobs-of-every-kind.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

const folder = 'conformance/schemas/ogcapi/processes/part1/1.0/openapi/schemas';

describeWithShared(folder, 'documents fit the published schemas', () => {
  let odd: OddServer;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);

  beforeAll(async () => {
    for (const name of readdirSync(sharedPath(folder)))
      ajv.addSchema(parse(readFileSync(sharedPath(folder, name), 'utf8')) as object, name);
    odd = await startOddServer();
  });
  afterAll(() => odd.close());

  async function faultsAt(path: string, schema: string): Promise<unknown> {
    const { body } = await odd.server.request.get(path).set('Accept', 'application/json');
    const check = ajv.getSchema(schema);
    if (check === undefined) throw new Error(`There is no schema ${schema}.`);
    return check(body) === true ? [] : check.errors;
  }

  it.each([
    ['/', 'landingPage.yaml'],
    ['/conformance', 'confClasses.yaml'],
    ['/processes', 'processList.yaml'],
    ['/processes?limit=1', 'processList.yaml'],
    ['/jobs?limit=100', 'jobList.yaml'],
    ['/processes/none', 'exception.yaml'],
    ['/jobs/none', 'exception.yaml'],
    ['/jobs/none/results', 'exception.yaml'],
    ['/jobs?limit=none', 'exception.yaml'],
  ])('%s: %s', async (path, schema) => {
    expect(await faultsAt(path, schema)).toEqual([]);
  });

  it('jobs in every state: statusInfo.yaml', async () => {
    for (const [state, id] of Object.entries(odd.jobs))
      expect([state, await faultsAt(`/jobs/${id}`, 'statusInfo.yaml')]).toEqual([state, []]);
  });

  it.each(['failed', 'expired', 'dismissed', 'running', 'waiting'] as const)(
    'results of a job that is %s: exception.yaml',
    async (state) => {
      expect(await faultsAt(`/jobs/${odd.jobs[state]}/results`, 'exception.yaml')).toEqual([]);
    },
  );

  it('is a check that can fail', async () => {
    expect(await faultsAt('/conformance', 'jobList.yaml')).not.toEqual([]);
  });
});
