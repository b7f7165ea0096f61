/** Brings the needed objects below a prefix of a bucket (a SAFE or Landsat folder), several at once. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { S3Bucket, S3Object } from '../s3/bucket.ts';
import type { Bringing } from './bringing.ts';
import { assertRoom } from './budget.ts';
import { chooseMembers } from './members.ts';
import { filesAtOnce, inParallel } from './parallel.ts';
import { S3Remote } from './s3-remote.ts';

/** @returns the product's folder. @throws ProductRefused when what is needed is not there */
export async function bringObjects(
  bucket: S3Bucket,
  { prefix, objects }: { readonly prefix: string; readonly objects: readonly S3Object[] },
  { directory, budget, meter, signal }: Bringing,
): Promise<string> {
  const root = prefix.split('/').at(-2) ?? '';
  const byPath = new Map(
    objects.map((object) => [`${root}/${object.key.slice(prefix.length)}`, object]),
  );
  const { members } = chooseMembers(byPath.keys(), bucket.shown(prefix));
  const tasks = members.flatMap(({ path, target }) => {
    const object = byPath.get(path);
    return object === undefined ? [] : [{ object, file: join(directory, target) }];
  });
  const total = tasks.reduce((sum, { object }) => sum + object.bytes, 0);
  budget.take(total);
  await assertRoom(directory, total);
  meter.begin(root, total);
  await inParallel(tasks, { atOnce: filesAtOnce, signal }, async ({ object, file }, stop) => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await new S3Remote(bucket, object).save({
      file,
      maxBytes: object.bytes,
      signal: stop,
      onBytes: (count) => meter.count(count),
    });
  });
  return directory;
}
