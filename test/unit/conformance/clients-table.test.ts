import { describe, expect, it } from 'vitest';
import {
  clientsTable,
  isComplete,
  parseSteps,
  steps,
  type ClientRun,
} from '../../../scripts/clients/table.ts';

const done = steps.map((step) => ({ step, outcome: 'ok', detail: `${step}ed` }));
const aRun = (more: Partial<ClientRun> = {}): ClientRun => ({
  client: 'curl',
  steps: done,
  seconds: 1.25,
  ...more,
});

describe('parseSteps', () => {
  it('reads steps and leaves out other lines', () => {
    expect(parseSteps('noise\nopen\tok\t540 x 540\npoll\tfailed\n')).toEqual([
      { step: 'open', outcome: 'ok', detail: '540 x 540' },
      { step: 'poll', outcome: 'failed', detail: '' },
    ]);
  });
});

describe('isComplete', () => {
  it('is true when every step was done, and only then', () => {
    const broken = { step: 'poll', outcome: 'failed', detail: '' };
    expect(
      [aRun(), aRun({ steps: done.slice(1) }), aRun({ steps: [broken, ...done] })].map(isComplete),
    ).toEqual([true, false, false]);
  });
});

describe('clientsTable', () => {
  it('shows what was opened, what failed and what was skipped', () => {
    const failed = { step: 'execute', outcome: 'failed', detail: 'no job' };
    const runs = [
      aRun(),
      aRun({ client: 'QGIS', steps: [...done.slice(0, 1), failed] }),
      aRun({ client: 'OWSLib', steps: [], skipped: 'There is no Python.' }),
      aRun({ client: 'GDAL', steps: [], lastWords: '(1) oh' }),
    ];
    expect(clientsTable(runs).split('\n')).toEqual([
      '| client | describe | execute | poll    | results | open    | dismiss | seconds |',
      '| ------ | -------- | ------- | ------- | ------- | ------- | ------- | ------- |',
      '| curl   | ok       | ok      | ok      | ok      | ok      | ok      | 1.3     |',
      '| QGIS   | ok       | failed  | –       | –       | –       | –       | 1.3     |',
      '| OWSLib | skipped  | skipped | skipped | skipped | skipped | skipped | 1.3     |',
      '| GDAL   | –        | –       | –       | –       | –       | –       | 1.3     |',
      '',
      '- curl: opened',
      '- QGIS: execute: no job',
      '- OWSLib: There is no Python.',
      '- GDAL: ended early. (1) oh',
      '',
    ]);
  });
});
