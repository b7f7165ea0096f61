/** The model in the repository is what its checkpoint converts to, byte by byte. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { convertCheckpoint } from '../../src/models/convert/convert.ts';
import { readConfiguration } from '../../src/models/convert/read-configuration.ts';
import { openModelFolder } from '../../src/models/model-folder.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { modelsDirectory } from '../support/starter-model.ts';

describeWithShared('models/starter-v0', 'starter-v0', () => {
  it('is the conversion of its checkpoint', async () => {
    const { tensors } = await readCheckpoint(sharedPath('models/starter-v0/starter-v0.pt'));
    const configuration = await readConfiguration(sharedPath('models/starter-v0'));
    const { files } = convertCheckpoint(tensors, configuration);
    const { manifest } = await openModelFolder(modelsDirectory, 'starter-v0');
    const converted = [...files].map(([name, bytes]) => [
      name,
      { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    ]);
    expect(Object.fromEntries(converted)).toEqual(manifest.files);
  });
});
