import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/s3/fingerprint.ts';
import { withFolder } from '../../support/folder.ts';

const of = (content: string, partBytes: number) =>
  withFolder(async (folder) => {
    const file = join(folder, 'file');
    await writeFile(file, content);
    return fingerprint(file, partBytes);
  });

describe('fingerprint', () => {
  it('has size, SHA-256 and CRC-32 as everybody computes them', async () => {
    // The check value of CRC-32: 0xcbf43926.
    expect(await of('123456789', 100)).toEqual({
      size: 9,
      sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
      crc32: ['y/Q5Jg==', '7kxlUA==-1'],
    });
  });

  it('counts parts as S3 does: a full one is followed by another only where there is more', async () => {
    const counts = await Promise.all(
      ['', '1', '123', '1234', '123456', '1234567'].map(async (content) =>
        (await of(content, 3)).crc32[1]?.replace(/^.*-/, ''),
      ),
    );
    expect(counts).toEqual(['1', '1', '1', '2', '2', '3']);
  });
});
