/** Our own checks of the official suite's points: jobs that are executed synchronously. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asText,
  expectException,
  firstOf,
  isArray,
  isBbox,
  openSuite,
  type Suite,
} from '../../support/suite/suite.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await openSuite();
});
afterAll(() => suite.close());

/** 200, without a Link header: the suite takes every one for that of a monitor, and reads it wrongly. */
async function answerTo(body: object): Promise<string> {
  const answer = await asText(suite.execute(body)).expect(200);
  expect(answer.headers).not.toHaveProperty('link');
  return answer.body as string;
}

/** With one more input, and the output of its name where there is one. */
async function answerWith(id: string, value: unknown): Promise<string> {
  const outputs = id in suite.outputs ? { [id]: suite.outputs[id] } : {};
  return answerTo({ inputs: { ...suite.inputs, [id]: value }, outputs });
}

const all = () => ({ inputs: suite.inputs, outputs: suite.outputs });
const firstInput = () => String(Object.keys(suite.inputs)[0]);

/** Several outputs and no `response`: parts, one of them a text that is the string. */
async function parts(): Promise<string> {
  const answer = await asText(suite.execute(all())).expect(200);
  expect(answer.headers['content-type']).toMatch(/^multipart\/related; boundary="[^"]+"$/);
  expect(answer.headers['content-length']).toBe(String((answer.body as string).length));
  return answer.body as string;
}

const textPart = /Content-Type: text\/plain[^\r]*\r\nContent-ID: a\r\n\r\nteststring\r\n--/;

describe('Jobs, executed synchronously: how', () => {
  it('Jobs.testJobOp /req/core/job /req/core/process-execute-op', async () => {
    expect(await answerTo(all())).toContain('teststring');
  });

  it('Jobs.testJobCreationDefaultExecutionMode /req/core/process-execute-default-execution-mode', async () => {
    expect(suite.echo['jobControlOptions']).toContain('sync-execute');
    expect(await answerTo(all())).toContain('teststring');
  });

  it('Jobs.testJobCreationDefaultOutputs /req/core/process-execute-default-outputs', async () => {
    const text = await answerTo({ inputs: suite.inputs });
    expect(text.match(/Content-ID: \w+/g)).toEqual(['Content-ID: a', 'Content-ID: m']);
  });

  it('Jobs.testJobCreationSyncDocument /req/core/process-execute-sync-document', async () => {
    const text = await answerTo({ ...all(), response: 'document' });
    expect(JSON.parse(text)).toEqual({ a: { value: 'teststring' }, m: { value: 'teststring' } });
  });

  it('Jobs.testJobCreationSyncRawMixedMulti /req/core/process-execute-sync-raw-mixed-multi', async () => {
    expect(await answerTo({ ...all(), response: 'raw' })).toContain('teststring');
  });

  it('Jobs.testJobCreationSyncRawRef /req/core/process-execute-sync-raw-ref', async () => {
    expect(await answerTo({ ...all(), response: 'raw' })).toContain('teststring');
  });

  it('Jobs.testJobCreationSyncRawValueMulti /req/core/process-execute-sync-raw-value-multi', async () => {
    const text = await answerTo({ ...all(), response: 'raw' });
    expect(text.match(/Content-ID: \w+/g)).toEqual(['Content-ID: a', 'Content-ID: m']);
  });

  it('Jobs.testJobCreationSyncRawValueOne /req/core/process-execute-sync-raw-value-one', async () => {
    const id = firstInput();
    const outputs = { [id]: suite.outputs[id] };
    expect(await answerTo({ inputs: suite.inputs, outputs, response: 'raw' })).toBe('teststring');
  });

  it('Jobs.testJobResultsSync /req/core/job-results-success-sync', async () => {
    expect(await answerTo(all())).toContain('teststring');
  });
});

describe('Jobs, executed synchronously: inputs', () => {
  it('Jobs.testJobCreationInputs /req/core/process-execute-inputs', async () => {
    expect(await answerTo(all())).toContain('teststring');
  });

  it('Jobs.testJobCreationInputInline /req/core/process-execute-inputs', async () => {
    expect(await answerTo(all())).toContain('teststring');
  });

  it('Jobs.testJobCreationInputArray /req/core/process-execute-input-array', async () => {
    const id = firstOf(suite.echo.inputs, isArray);
    expect(await answerWith(id, [1, 2, 3])).toContain('[1,2,3]');
  });

  it('Jobs.testJobCreationInputInlineBbox /req/core/process-execute-input-inline-bbox', async () => {
    const id = firstOf(suite.echo.inputs, isBbox);
    const crs = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
    const value = { bbox: [51.9, 7, 52, 7.1], crs };
    expect(await answerWith(id, value)).toContain('"bbox":[51.9,7,52,7.1]');
  });

  it('Jobs.testJobCreationInputInlineBinary /req/core/process-execute-input-inline-binary', async () => {
    // Run from its jar the suite sends no binary value; a string of base64 is one.
    const base64 = Buffer.from('binary').toString('base64');
    expect(await answerWith('b', base64)).toContain(base64);
  });

  it('Jobs.testJobCreationInputInlineMixed /req/core/process-execute-input-mixed-type', async () => {
    expect(await answerTo(all())).toContain('teststring');
    expect(await answerWith('m', 5.5)).toContain('5.5');
  });

  it('Jobs.testJobCreationInputInlineObject /req/core/process-execute-input-inline-object', async () => {
    expect(await answerTo(all())).toContain('teststring');
    expect(await answerWith('m', { value: 'teststring' })).toContain('teststring');
  });

  it('Jobs.testJobCreationInputRef /req/core/process-execute-inputs', async () => {
    expect(await parts()).toMatch(textPart);
  });

  it('Jobs.testJobCreationInputValidation /req/core/process-execute-input-validation', async () => {
    expect(await parts()).toMatch(textPart);
    const id = firstOf(suite.echo.inputs, (schema) => schema.contentMediaType !== undefined);
    const inputs = { ...suite.inputs, [id]: { type: `wrong/type_${randomUUID()}` } };
    const answer = await suite.execute({ inputs, outputs: suite.outputs });
    expectException(answer, [400]);
    expect(answer.body.faults).toMatchObject([{ input: id }]);
  });

  it('Jobs.testJobResultsFailed /req/core/job-results-failed', async () => {
    const answer = await suite.execute({ 'invalid-execute-request': 'true)' }).expect(400);
    expectException(answer, [400]);
  });
});
