import { describe, expect, it } from 'vitest';
import { answerFor } from '../../../src/http/results-answer.ts';
import type { Results } from '../../../src/jobs/job.ts';

const value = { transmissionMode: 'value' } as const;
const reference = { transmissionMode: 'reference' } as const;
const file = (mediaType: string) => ({
  kind: 'file' as const,
  key: 'k',
  mediaType,
  size: 1,
  sha256: '',
  fileName: 'f',
});
const results: Results = {
  mask: file('image/tiff; application=geotiff; profile=cloud-optimized'),
  picture: file('image/png'),
  numbers: file('application/json'),
};
const request = (outputs: object, response?: 'raw' | 'document') =>
  ({ inputs: {}, outputs, ...(response && { response }) }) as Parameters<typeof answerFor>[0];

describe('answerFor', () => {
  // The same table holds for answers at once and for results of jobs. The echo process gives values only, so of it
  // no test can see links: /req/core/process-execute-sync-raw-ref, /req/core/process-execute-sync-raw-mixed-multi
  it.each([
    [
      'document',
      request({ mask: value, picture: reference }, 'document'),
      undefined,
      { kind: 'document', ids: ['mask', 'picture'] },
    ],
    ['raw, value, one', request({ mask: value }, 'raw'), undefined, { kind: 'one', id: 'mask' }],
    [
      'raw, value, many',
      request({ mask: value, picture: value }, 'raw'),
      undefined,
      { kind: 'multipart', ids: ['mask', 'picture'] },
    ],
    [
      'raw, reference, one',
      request({ mask: reference }, 'raw'),
      undefined,
      { kind: 'links', ids: ['mask'] },
    ],
    [
      'raw, reference, many',
      request({ mask: reference, picture: reference }, 'raw'),
      undefined,
      { kind: 'links', ids: ['mask', 'picture'] },
    ],
    [
      'raw, mixed',
      request({ mask: reference, picture: value }, 'raw'),
      undefined,
      { kind: 'multipart', ids: ['mask', 'picture'] },
    ],
    [
      'raw, one of two is there',
      request({ mask: value, absent: value }, 'raw'),
      undefined,
      { kind: 'multipart', ids: ['mask'] },
    ],
    ['raw, nothing is there', request({ absent: value }, 'raw'), undefined, { kind: 'empty' }],
    [
      'absent, no Accept',
      request({ mask: value, picture: value }),
      undefined,
      { kind: 'document', ids: ['mask', 'picture'] },
    ],
    ['absent, any', request({ mask: value }), '*/*', { kind: 'document', ids: ['mask'] }],
    [
      'absent, JSON',
      request({ numbers: value }),
      'application/json',
      { kind: 'document', ids: ['numbers'] },
    ],
    [
      'absent, image/tiff',
      request({ picture: value, mask: value }),
      'image/tiff',
      { kind: 'one', id: 'mask' },
    ],
    [
      'absent, full type with quality',
      request({ mask: value }),
      'image/tiff; application=geotiff; profile=cloud-optimized;q=0.9',
      { kind: 'one', id: 'mask' },
    ],
    [
      'absent, better quality wins',
      request({ mask: value, picture: value }),
      'IMAGE/TIFF;q=0.2, image/png;q=0.8, application/json;q=0.1',
      { kind: 'one', id: 'picture' },
    ],
    [
      'absent, quoted parameters in another order',
      request({ mask: value }),
      'image/tiff; profile="cloud-optimized"; application=geotiff',
      { kind: 'one', id: 'mask' },
    ],
    [
      'document wins over Accept',
      request({ mask: value }, 'document'),
      'image/tiff',
      { kind: 'document', ids: ['mask'] },
    ],
  ])('%s', (_name, asked, accept, answer) => {
    expect(answerFor(asked, results, accept, 'document')).toEqual(answer);
  });

  it.each([
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/png,image/webp,*/*;q=0.8',
    'image/png, text/html;q=0.1',
    'image/png, */*;q=0.1',
    'image/tiff;q=0',
    'image/png;q=0.5, application/json',
    'image/png, application/json',
    'image/png;q=0.5, application/*;q=0.6',
    'image/*',
    'text/plain; x="image/png, image/png"',
  ])('a document for Accept: %s', (accept) => {
    const asked = request({ mask: value, picture: value });
    const document = { kind: 'document', ids: ['mask', 'picture'] };
    expect(answerFor(asked, results, accept, 'document')).toEqual(document);
  });
});
