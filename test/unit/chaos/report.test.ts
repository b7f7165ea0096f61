import { expect, it } from 'vitest';
import { table } from '../../../scripts/chaos/report.ts';

it('tells for each kind how often it came, which jobs it met and how they ended', () => {
  const strike = { target: 'server', name: 'kill -9', kills: 1, jobIds: ['a', 'b'] };
  const outcomes = new Map([
    ['a', 'successful'],
    ['b', 'failed'],
    ['c', 'dismissed'],
  ]);
  const strikes = [strike, { ...strike, name: 'SIGTERM', kills: 0, jobIds: ['c'] }, strike];
  expect(table(strikes, outcomes)).toBe(
    `| struck | how     | times | kill -9 | jobs met | successful | failed | dismissed |
|--------|---------|------:|--------:|---------:|-----------:|-------:|----------:|
| server | SIGTERM |     1 |       0 |        1 |          0 |      0 |         1 |
| server | kill -9 |     2 |       2 |        4 |          2 |      2 |         0 |
| all    |         |     3 |       2 |        5 |          2 |      2 |         1 |
`,
  );
});
