/** What users were promised and are told in the end. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Expected } from './expected.ts';
import { idOf, type Order, type Users } from './users.ts';

/** SHA-256 of the mask as it is made where nothing happens. */
export async function undisturbedMask(users: Users, dataDirectory: string): Promise<string> {
  const order = users.mask();
  await users.execute(order);
  await users.untilFinished(order);
  const answer = await users.ask({
    method: 'GET',
    path: `/jobs/${idOf(order)}/results`,
    expected: [200],
  });
  const href = answer?.body.cloud_mask?.href ?? '';
  const name = href.split('/').at(-1) ?? '';
  const file = join(dataDirectory, 'results/jobs', idOf(order), '1', name);
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** What has to become of an order. */
export function expectedOf(order: Order, maskSha256: string): Expected {
  const { processId, inputs, key, ids, isDismissed } = order;
  const outputs =
    processId === 'echo'
      ? { a: { value: inputs['a'] ?? null } }
      : { cloud_mask: { sha256: maskSha256 } };
  return { ids: [...ids], key, isDismissed, outputs };
}

/** What users are answered in the end. */
export async function compareAnswers(users: Users): Promise<void> {
  for (const order of users.orders) {
    const path = `/jobs/${idOf(order)}`;
    const answer = await users.ask({ method: 'GET', path, expected: [200] });
    const status = answer?.body.status ?? '';
    const code = { successful: 200, failed: 500, dismissed: 410 }[status] ?? 0;
    const results = await users.ask({ method: 'GET', path: `${path}/results`, expected: [code] });
    if (status !== 'successful' || order.processId !== 'echo') continue;
    if (results?.body.a?.value !== order.inputs['a'])
      users.faults.push(`GET ${path}/results answers ${JSON.stringify(results?.body)}.`);
  }
}
