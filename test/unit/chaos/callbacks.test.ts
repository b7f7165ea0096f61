import { afterEach, beforeEach, expect, it } from 'vitest';
import { Callbacks } from '../../../scripts/chaos/callbacks.ts';
import { Chance } from '../../../scripts/chaos/chance.ts';
import type { Order } from '../../../scripts/chaos/users.ts';
import type { JobRow } from '../../../src/database/job-row.ts';
import { signatureHeaders } from '../../../src/jobs/callback-signature.ts';

let callbacks: Callbacks;
beforeEach(async () => {
  callbacks = await Callbacks.open(new Chance(1));
});
afterEach(() => callbacks.close());

const order = (key: string): Order => ({
  key,
  processId: 'echo',
  inputs: { a: `value of ${key}` },
  ids: new Set([key]),
  isDismissed: false,
});
const row = (id: string, status: string, updated = 'then') =>
  ({ id, process_id: 'echo', status, finished: 'then', updated }) as JobRow;

/** Until it is taken: some are refused. */
async function tell(key: string, news: string, body = `"value of ${key}"`): Promise<void> {
  const headers = signatureHeaders(callbacks.secret, { id: key, body, time: new Date() });
  const address = `${callbacks.origin}/${key}/${news}`;
  while ((await fetch(address, { method: 'POST', headers, body })).status !== 204);
}

it('finds nothing where everybody was told, be it twice', async () => {
  await tell('good', 'running');
  await tell('good', 'successful');
  await tell('good', 'successful');
  await tell('dismissed', 'failed');
  const rows = [
    row('good', 'successful'),
    row('dismissed', 'dismissed'),
    row('late', 'dismissed', 'later'),
  ];
  expect(callbacks.missing(['good', 'dismissed', 'late'].map(order), rows)).toEqual([]);
  expect(callbacks.faults).toEqual([]);
});

it('finds what was never told, or told wrongly', async () => {
  await tell('wrong', 'successful', '"another value"');
  await tell('opposite', 'successful');
  const rows = [row('silent', 'successful'), row('wrong', 'successful'), row('opposite', 'failed')];
  expect(callbacks.missing(['silent', 'wrong', 'opposite'].map(order), rows)).toEqual([
    'Callbacks of job silent: it never told "successful".',
    'Callbacks of job wrong: it told of another result.',
    'Callbacks of job opposite: it never told "failed".',
    'Callbacks of job opposite: it is failed and told the opposite.',
  ]);
});

it('finds a message that nobody signed', async () => {
  await fetch(`${callbacks.origin}/forged/successful`, { method: 'POST', body: '{}' });
  expect(callbacks.faults).toEqual(['A callback has no signature: forged.']);
});
