/** The filters of the job list as a form sends them → as the API knows them. */
import type { Request } from 'express';

/**
 * Fields without text drop out, and the two days `from` and `to` become the interval `datetime`.
 * @returns the query to go to; undefined when it is in order already
 */
export function tidyQuery({ query }: Request): string | undefined {
  const given = Object.entries(query).flatMap(([name, values]) =>
    [values as string | string[]].flat().map((value): [string, string] => [name, value]),
  );
  if (!given.some(isUntidy)) return undefined;
  const kept = new URLSearchParams(given.filter((pair) => !isUntidy(pair)));
  const [from, to] = ['from', 'to'].map((name) => given.find(([one]) => one === name)?.[1] ?? '');
  const interval = intervalOf(from ?? '', to ?? '');
  if (interval !== undefined) kept.set('datetime', interval);
  return kept.size > 0 ? `?${kept.toString()}` : '';
}

function isUntidy([name, value]: [string, string]): boolean {
  return value === '' || name === 'from' || name === 'to';
}

/** From the first moment of one day to the last of another, both in UTC; either may be open. */
function intervalOf(from: string, to: string): string | undefined {
  if (from === '' && to === '') return undefined;
  const start = from === '' ? '..' : `${from}T00:00:00Z`;
  const end = to === '' ? '..' : `${to}T23:59:59Z`;
  return `${start}/${end}`;
}
