/** The model in the repository is what its checkpoint converts to, byte by byte. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { convertCheckpoint } from '../../src/models/convert/convert.ts';
import { readConfiguration } from '../../src/models/convert/read-configuration.ts';
import type { InstalledManifest } from '../../src/models/install/installed-models.ts';
import { openModelFolder } from '../../src/models/model-folder.ts';
import { modelsDirectory, starterCheckpoint, starterId } from '../support/starter-model.ts';

const digest = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

describe('the starter model', () => {
  it('is the conversion of its checkpoint', async () => {
    const { tensors } = await readCheckpoint(starterCheckpoint.file);
    const configuration = await readConfiguration(starterCheckpoint.configuration);
    const { files } = convertCheckpoint(tensors, configuration);
    const { manifest } = await openModelFolder(modelsDirectory, starterId);
    const converted = [...files].map(([name, bytes]) => [name, digest(bytes)] as const);
    expect(Object.fromEntries(converted)).toEqual(manifest.files);
    const { checkpoint } = manifest as InstalledManifest;
    expect(digest(await readFile(starterCheckpoint.file))).toEqual(checkpoint);
  });
});
