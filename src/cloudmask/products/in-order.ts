/**
 * Waits for all; where several fail, the first in order is thrown, not the first in time: a product with several faults is
 * always refused for the same one.
 */
export async function inOrder<Value>(asked: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(asked);
  const values: Value[] = [];
  for (const one of asked) values.push(await one);
  return values;
}
