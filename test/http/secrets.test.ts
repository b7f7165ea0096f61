import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';

const secret = 'MARKER-oh-so-secret';
const access = 'MARKER-access-key';

it('keeps S3 keys out of answers, the log and every file of the data folder', async () => {
  const server = await startTestServer({ settings: { PRODUCT_ROOTS: '/tmp', LOG_LEVEL: 'trace' } });
  try {
    const keys = { s3_access_key: access, s3_secret_key: secret };
    const bodies: object[] = [
      { inputs: { product: 'x', output_storage: 'PRIVATE', s3_bucket: 'bucket', ...keys } },
      { inputs: { product: 'x', ...keys } },
      {
        inputs: {
          product: 'x',
          output_storage: 'PRIVATE',
          s3_bucket: 'bucket',
          s3_access_key: [access],
          s3_secret_key: { value: { deep: secret } },
        },
      },
      { inputs: [keys] },
      { input: keys },
      { inputs: { product: 'x', s3_secret_key: secret.repeat(100) } },
      { inputs: { product: 'x' }, outputs: [keys] },
      ...['s3_endpoint_url', 's3_region', 's3_bucket', 's3_prefix'].flatMap((id) => [
        { inputs: { product: 'x', [id]: ['MARKER'] } },
        { inputs: { product: 'x', [id]: { value: 'MARKER'.repeat(1000) } } },
      ]),
      { inputs: { product: 'x', s3_endpoint_url: 'https://MARKER:MARKER@ example.com' } },
      { inputs: { product: { href: 'https://example.com', token: 'MARKER' } } },
      { inputs: { product: { token: 'MARKER' } } },
      { inputs: { product: ['MARKER'] } },
      ...[
        'https://MARKER:MARKER@example.com/x.zip',
        'https://user:a/MARKER@example.com/x.zip',
        's3://bucket/x?X-Amz-Signature=MARKER',
        'https://example.com/x#MARKER',
        'https://example.com/x?sig=a@MARKER',
        'https://user:a?MARKER@example.com/x',
        '/vsicurl/https://user:MARKER@example.com/x.zip?token=MARKER',
      ].map((product) => ({ inputs: { product } })),
      { inputs: { product: 'x' }, outputs: { preview: { format: { mediaType: { MARKER: 1 } } } } },
      { inputs: { product: 'x' }, outputs: { preview: { format: ['MARKER'] } } },
      { inputs: { product: 'x' }, outputs: { preview: { transmissionMode: ['MARKER'] } } },
      { inputs: { product: 'x' }, outputs: { preview: ['MARKER'] } },
      { inputs: { product: 'x' }, response: { MARKER: 'MARKER' } },
      { inputs: { product: 'x', stride: { MARKER: 'MARKER' } } },
    ];
    for (const body of bodies) {
      const answer = await server.request
        .post('/processes/senseiv2-cloudmask/execution')
        .send(body)
        .expect(400);
      expect(answer.text + JSON.stringify(answer.headers)).not.toContain('MARKER');
    }
    expect(server.log()).not.toContain('MARKER');
    const names = await readdir(server.dataDirectory, { recursive: true, withFileTypes: true });
    const contents = names
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name)));
    for (const content of await Promise.all(contents))
      expect(content.includes('MARKER')).toBe(false);
  } finally {
    await server.close();
  }
});
