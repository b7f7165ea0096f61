/** Our own checks of the official suite's points: OGC Process Description. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSuite, type Suite } from '../../support/suite/suite.ts';
import { descriptionFaults } from '../../support/suite/process-description.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await openSuite();
});
afterAll(() => suite.close());

/** The description, and that the list has it. */
async function described({ request }: Suite) {
  const { body: list } = await request.get('/processes').set('Accept', 'application/json');
  expect(list.processes.map(({ id }: { id: string }) => id)).toContain('echo');
  const { body } = await request.get('/processes/echo').set('Accept', 'application/json');
  return body as Record<'inputs' | 'outputs', Record<string, { schema: Record<string, unknown> }>>;
}

const words = (puts: Record<string, { schema: Record<string, unknown> }>) =>
  Object.values(puts).flatMap(({ schema }) => Object.keys(schema));

describe('OGCProcessDescription', () => {
  it('OGCProcessDescription.testOGCProcessDescriptionJSON /req/ogc-process-description/json-encoding /req/json/definition', async () => {
    expect(descriptionFaults(await described(suite))).toEqual([]);
  });

  it('OGCProcessDescription.testOGCProcessDescriptionInputsDef /req/ogc-process-description/inputs-def', async () => {
    const { inputs } = await described(suite);
    expect(Object.keys(inputs)).toEqual(['a', 'b', 'c', 'd', 'm', 'pause']);
  });

  it('OGCProcessDescription.testOGCProcessDescriptionInputDef /req/ogc-process-description/input-def', async () => {
    for (const input of Object.values((await described(suite)).inputs))
      expect(input).toMatchObject({ title: expect.any(String), schema: expect.any(Object) });
  });

  it('OGCProcessDescription.testOGCProcessDescriptionInputDefinitionOfMixedType /req/ogc-process-description/input-mixed-type', async () => {
    expect(words((await described(suite)).inputs)).toContain('oneOf');
  });

  it('OGCProcessDescription.testOGCProcessDescriptionOutputsDef /req/ogc-process-description/outputs-def', async () => {
    const { outputs } = await described(suite);
    expect(Object.keys(outputs)).toEqual(['a', 'b', 'c', 'd', 'm']);
  });

  it('OGCProcessDescription.testOGCProcessDescriptionOutputDef /req/ogc-process-description/output-def', async () => {
    for (const output of Object.values((await described(suite)).outputs))
      expect(output).toMatchObject({ title: expect.any(String), schema: expect.any(Object) });
  });

  it('OGCProcessDescription.testOGCProcessDescriptionOutputDefinitionOfMixedType /req/ogc-process-description/output-mixed-type', async () => {
    expect(words((await described(suite)).outputs)).toContain('oneOf');
  });
});
