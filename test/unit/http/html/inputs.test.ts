import { describe, expect, it } from 'vitest';
import { jobName, shortName } from '../../../../src/http/html/inputs.ts';
import type { Job } from '../../../../src/jobs/job.ts';
import type { Json } from '../../../../src/processes/process.ts';

const aJob = (product?: Json): Job => ({
  id: 'id',
  processId: 'echo',
  owner: 'anonymous',
  status: 'accepted',
  request: { inputs: product === undefined ? {} : { product }, outputs: {} },
  attempt: 0,
  progress: 0,
  message: '',
  created: '2026-01-01T00:00:00Z',
  updated: '2026-01-01T00:00:00Z',
});

describe('jobName', () => {
  it.each([
    ['S2A_MSIL1C_X.SAFE', 'S2A_MSIL1C_X'],
    ['/eodata/Sentinel-2/S2A_MSIL1C_X.SAFE/', 'S2A_MSIL1C_X'],
    ['https://user:secret@example.com/a/LC08_X.tar.gz?sig=secret#x', 'LC08_X'],
    ['s3://bucket/LC08_X.tar', 'LC08_X'],
    [{ href: 'https://example.com/items/LC09_X.json?token=secret' }, 'LC09_X'],
    [{ type: 'Feature', id: 'S2B_32TQM' }, 'S2B_32TQM'],
    [undefined, 'echo'],
    ['/', 'echo'],
  ])('of %j is %s', (product, name) => {
    expect(jobName(aJob(product))).toBe(name);
  });
});

describe('shortName', () => {
  it('tells scenes apart, and leaves other names alone', () => {
    expect(
      [
        'S2B_MSIL1C_20261122T101319_N0511_R022_T32TQM_20261122T121319',
        'LC08_L1TP_016037_20170813_20200903_02_T1',
        'echo',
      ].map(shortName),
    ).toEqual(['S2B T32TQM', 'LC08 016037', 'echo']);
  });
});
