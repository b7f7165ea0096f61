/** Our own checks of the official suite's points: jobs that are executed synchronously. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import {
  asText,
  expectException,
  firstOf,
  isArray,
  isBbox,
  point,
  startSuite,
  type Suite,
} from '../../support/suite/point.ts';

startSuite();

/** 200, without a Link header: the suite takes every one for that of a monitor, and reads it wrongly. */
async function expectDone(suite: Suite, body: object): Promise<string> {
  const answer = await asText(suite.execute(body)).expect(200);
  expect(answer.headers).not.toHaveProperty('link');
  return answer.body as string;
}

/** With one more input, and the output of its name where there is one. */
async function expectDoneWith(suite: Suite, id: string, value: unknown): Promise<string> {
  const outputs = id in suite.outputs ? { [id]: suite.outputs[id] } : {};
  return expectDone(suite, { inputs: { ...suite.inputs, [id]: value }, outputs });
}

const all = ({ inputs, outputs }: Suite) => ({ inputs, outputs });
const firstInput = ({ inputs }: Suite) => String(Object.keys(inputs)[0]);

/** Several outputs and no `response`: parts, one of them a text that is the string. */
async function expectParts(suite: Suite): Promise<void> {
  const answer = await asText(suite.execute(all(suite))).expect(200);
  expect(answer.headers['content-type']).toMatch(/^multipart\/related; boundary="[^"]+"$/);
  expect(answer.headers['content-length']).toBe(String((answer.body as string).length));
  expect(answer.body).toMatch(
    /Content-Type: text\/plain[^\r]*\r\nContent-ID: a\r\n\r\nteststring\r\n--/,
  );
}

describe('Jobs, executed synchronously: how', () => {
  point('Jobs.testJobOp', ['/req/core/job', '/req/core/process-execute-op'], async (suite) => {
    await expectDone(suite, all(suite));
  });

  point(
    'Jobs.testJobCreationDefaultExecutionMode',
    ['/req/core/process-execute-default-execution-mode'],
    async (suite) => {
      expect(suite.echo['jobControlOptions']).toContain('sync-execute');
      await expectDone(suite, all(suite));
    },
  );

  point(
    'Jobs.testJobCreationDefaultOutputs',
    ['/req/core/process-execute-default-outputs'],
    async (suite) => {
      const parts = await expectDone(suite, { inputs: suite.inputs });
      expect(parts.match(/Content-ID: \w+/g)).toEqual(['Content-ID: a', 'Content-ID: m']);
    },
  );

  point(
    'Jobs.testJobCreationSyncDocument',
    ['/req/core/process-execute-sync-document'],
    async (suite) => {
      const text = await expectDone(suite, { ...all(suite), response: 'document' });
      expect(JSON.parse(text)).toEqual({ a: { value: 'teststring' }, m: { value: 'teststring' } });
    },
  );

  point(
    'Jobs.testJobCreationSyncRawMixedMulti',
    ['/req/core/process-execute-sync-raw-mixed-multi'],
    async (suite) => {
      await expectDone(suite, { ...all(suite), response: 'raw' });
    },
  );

  point(
    'Jobs.testJobCreationSyncRawRef',
    ['/req/core/process-execute-sync-raw-ref'],
    async (suite) => {
      await expectDone(suite, { ...all(suite), response: 'raw' });
    },
  );

  point(
    'Jobs.testJobCreationSyncRawValueMulti',
    ['/req/core/process-execute-sync-raw-value-multi'],
    async (suite) => {
      const parts = await expectDone(suite, { ...all(suite), response: 'raw' });
      expect(parts.match(/Content-ID: \w+/g)).toEqual(['Content-ID: a', 'Content-ID: m']);
    },
  );

  point(
    'Jobs.testJobCreationSyncRawValueOne',
    ['/req/core/process-execute-sync-raw-value-one'],
    async (suite) => {
      const id = firstInput(suite);
      const outputs = { [id]: suite.outputs[id] };
      expect(await expectDone(suite, { inputs: suite.inputs, outputs, response: 'raw' })).toBe(
        'teststring',
      );
    },
  );

  point('Jobs.testJobResultsSync', ['/req/core/job-results-success-sync'], async (suite) => {
    await expectDone(suite, all(suite));
  });
});

describe('Jobs, executed synchronously: inputs', () => {
  point('Jobs.testJobCreationInputs', ['/req/core/process-execute-inputs'], async (suite) => {
    await expectDone(suite, all(suite));
  });

  point('Jobs.testJobCreationInputInline', ['/req/core/process-execute-inputs'], async (suite) => {
    await expectDone(suite, all(suite));
  });

  point(
    'Jobs.testJobCreationInputArray',
    ['/req/core/process-execute-input-array'],
    async (suite) => {
      const id = firstOf(suite.echo.inputs, isArray);
      expect(await expectDoneWith(suite, id, [1, 2, 3])).toContain('[1,2,3]');
    },
  );

  point(
    'Jobs.testJobCreationInputInlineBbox',
    ['/req/core/process-execute-input-inline-bbox'],
    async (suite) => {
      const id = firstOf(suite.echo.inputs, isBbox);
      const crs = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
      const value = { bbox: [51.9, 7, 52, 7.1], crs };
      expect(await expectDoneWith(suite, id, value)).toContain('"bbox":[51.9,7,52,7.1]');
    },
  );

  point(
    'Jobs.testJobCreationInputInlineBinary',
    ['/req/core/process-execute-input-inline-binary'],
    async (suite) => {
      // Run from its jar the suite sends no binary value; a string of base64 is one.
      await expectDoneWith(suite, 'b', Buffer.from('binary').toString('base64'));
    },
  );

  point(
    'Jobs.testJobCreationInputInlineMixed',
    ['/req/core/process-execute-input-mixed-type'],
    async (suite) => {
      await expectDone(suite, all(suite));
      expect(await expectDoneWith(suite, 'm', 5.5)).toContain('5.5');
    },
  );

  point(
    'Jobs.testJobCreationInputInlineObject',
    ['/req/core/process-execute-input-inline-object'],
    async (suite) => {
      await expectDone(suite, all(suite));
      expect(await expectDoneWith(suite, 'm', { value: 'teststring' })).toContain('teststring');
    },
  );

  point('Jobs.testJobCreationInputRef', ['/req/core/process-execute-inputs'], expectParts);

  point(
    'Jobs.testJobCreationInputValidation',
    ['/req/core/process-execute-input-validation'],
    async (suite) => {
      await expectParts(suite);
      const id = firstOf(suite.echo.inputs, (schema) => schema.contentMediaType !== undefined);
      const inputs = { ...suite.inputs, [id]: { type: `wrong/type_${randomUUID()}` } };
      const answer = await suite.execute({ inputs, outputs: suite.outputs });
      expectException(answer, [400]);
      expect(answer.body.faults).toMatchObject([{ input: id }]);
    },
  );

  point('Jobs.testJobResultsFailed', ['/req/core/job-results-failed'], async (suite) => {
    expectException(await suite.execute({ 'invalid-execute-request': 'true)' }), [400]);
  });
});
