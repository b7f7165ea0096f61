import { describe, expect, it } from 'vitest';
import { parseOutcomes } from '../../../scripts/conformance/official-suite.ts';
import { outcomesOf } from '../../../scripts/conformance/own-checks.ts';
import { isWhole, reportText, runOf } from '../../../scripts/conformance/report.ts';
import { inlined } from '../../../scripts/conformance/schema-folder.ts';
import { schemas } from '../../../src/http/openapi-schemas.ts';

describe('parseOutcomes', () => {
  it('reads the lines of the official suite; a set-up that failed is a failure', () => {
    const text = [
      'PASS\tJobs.testJobOp\t',
      'FAIL\tJobs.testJobResults\texpected 200',
      'SKIP\tJobs.testJobSuccess\tno async',
      'SETUP\tJobs.setup\tnull',
      'REPORT\t/tmp/testng-results.xml\t',
    ].join('\n');
    expect(parseOutcomes(text)).toEqual([
      { id: 'Jobs.testJobOp', verdict: 'passed' },
      { id: 'Jobs.testJobResults', verdict: 'failed', message: 'expected 200' },
      { id: 'Jobs.testJobSuccess', verdict: 'skipped', message: 'no async' },
      { id: 'Jobs.setup', verdict: 'failed', message: 'null' },
    ]);
  });
});

describe('outcomesOf', () => {
  it('reads the report of the test runner; what did not run is skipped', () => {
    const assertionResults = [
      { title: 'Jobs.testJobOp and its requirement', status: 'passed', failureMessages: [] },
      { title: 'JobList.testJobList', status: 'failed', failureMessages: ['Error: 404\n at x'] },
      { title: 'Process.testProcess', status: 'pending', failureMessages: [] },
    ];
    expect(outcomesOf({ testResults: [{ assertionResults }] })).toEqual([
      { id: 'Jobs.testJobOp', verdict: 'passed' },
      { id: 'JobList.testJobList', verdict: 'failed', message: 'Error: 404' },
      { id: 'Process.testProcess', verdict: 'skipped' },
    ]);
  });
});

describe('report', () => {
  const passed = { id: 'b', verdict: 'passed' } as const;
  const failed = { id: 'a', verdict: 'failed', message: 'why' } as const;

  it('is whole when as many passed as there are, and nothing else ran', () => {
    const runs = [
      [runOf([passed, passed]), 2],
      [runOf([passed]), 2],
      [runOf([passed, failed]), 1],
      [{ unavailable: 'no' }, 0],
    ] as const;
    expect(runs.map(([run, expected]) => isWhole(run, expected))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('says what failed, and never calls our own checks the suite', () => {
    const report = {
      date: '2030-01-01T00:00:00.000Z',
      server: { version: '1.0.0', conformsTo: ['http://example.com/core'] },
      official: { unavailable: 'No jar.' },
      own: runOf([passed, failed]),
    };
    expect(reportText(report).split('\n')).toEqual([
      'senseiv2-cloudmask-server 1.0.0, 2030-01-01T00:00:00.000Z',
      'Official suite ets-ogcapi-processes10 1.3: not run. No jar.',
      'Our own checks of its 54 points: 1 passed, 1 failed, 0 skipped',
      '  failed  a  why',
      'Declared classes:',
      '  http://example.com/core',
      '',
    ]);
  });
});

describe('inlined', () => {
  it('leaves no reference in a schema', () => {
    const schema = inlined(schemas.JobList);
    expect(JSON.stringify(schema)).not.toContain('$ref');
    expect(schema).toMatchObject({
      properties: {
        jobs: { items: { required: schemas.StatusInfo.required } },
        links: { items: { required: schemas.Link.required } },
      },
    });
  });
});
