import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inOrder } from '../../../../src/cloudmask/products/in-order.ts';

const failing = async (name: string, ms: number): Promise<never> => {
  await sleep(ms);
  throw new Error(name);
};

it('throws the first failure in order, not in time', async () => {
  expect(await inOrder([sleep(5, 'a'), sleep(1, 'b')])).toEqual(['a', 'b']);
  const several = [sleep(1, 'a'), failing('first', 20), failing('second', 1)];
  await expect(inOrder(several)).rejects.toThrow('first');
});
