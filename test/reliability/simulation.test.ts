/** The simulation of `npm run simulate`, short: what must hold of a day whatever dies, and how fair it is. */
import { describe, expect, it } from 'vitest';
import { withDatabase } from '../../scripts/simulate/database.ts';
import { simulateDay, type Day, type DayOptions } from '../../scripts/simulate/day.ts';
import { jain } from '../../scripts/simulate/fairness.ts';
import { ordinaryFaults } from '../../scripts/simulate/machine.ts';

const never = { ...ordinaryFaults, lifeHours: 1e9, connectedHours: 1e9 };
const short: DayOptions = {
  hours: 5,
  tiles: 100,
  workers: 6,
  smallOwners: 6,
  bulkMost: 4,
  seed: 1,
  claimsPerLook: 1,
  faults: never,
};

const simulate = (options: Partial<DayOptions>): Promise<Day> =>
  withDatabase({ isPostgres: false, url: undefined }, (database) =>
    simulateDay(database, { ...short, ...options }),
  );

const ended = ({ book }: Day) => new Map(book.ends);

describe('a simulated day', () => {
  it('ends every job once, holds the limit of running jobs and repeats what is lost, whatever dies', async () => {
    const faults = { ...ordinaryFaults, lifeHours: 0.5, connectedHours: 0.5 };
    const day = await simulate({ faults, seed: 3 });
    expect(day.violations).toEqual([]);
    const { deaths, lost, refused, attempts } = day.book.counts;
    expect(deaths).toBeGreaterThan(10);
    expect(lost).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(0);
    expect(attempts).toBeGreaterThan(day.wishes.length);
    expect(day.book.ends.size).toBe(100);
    expect(day.book.mostHeld.get('bulk')).toBe(4);
  });

  it('keeps owners who wait within two of their largest jobs of each other', async () => {
    // Without a limit for the bulk user all of them wait at once.
    const day = await simulate({ bulkMost: 6, tiles: 500, hours: 2, workers: 3 });
    const largest = Math.max(...day.wishes.map(({ cost }) => cost));
    expect(day.violations).toEqual([]);
    expect(day.fairness.greatestSpread).toBeGreaterThan(0);
    expect(day.fairness.greatestSpread).toBeLessThanOrEqual(2 * largest);
    expect(day.book.counts).toMatchObject({ attempts: 500, lost: 0, failed: 0 });
  });

  it('is the same again for the same seed, and another one for another', async () => {
    const [first, again, other] = [
      await simulate({}),
      await simulate({}),
      await simulate({ seed: 2 }),
    ];
    expect(again.book).toEqual(first.book);
    expect(ended(other)).toEqual(ended(first));
    expect(other.book.lastEndMs).not.toBe(first.book.lastEndMs);
  });

  it('finds what is wrong: a limit that does not hold, a job that did not end', async () => {
    const { violations } = await import('../../scripts/simulate/checks.ts');
    await withDatabase({ isPostgres: false, url: undefined }, async (database) => {
      const { wishes, book } = await simulateDay(database, { ...short, tiles: 50 });
      book.mostHeld.set('bulk', 5);
      const [first] = wishes;
      await database('jobs').where({ id: first?.id }).update({ status: 'accepted' });
      book.ends.set(wishes[1]?.id ?? '', 2);
      expect(await violations(database, wishes, book)).toEqual([
        '1 jobs did not end',
        '1 jobs ended twice',
        '1 ends were told that were not written',
        'bulk ran more than 4 at once',
      ]);
    });
  });
});

it("Jain's index is 1 for equal shares, and 1/n where one has everything", () => {
  expect(jain([5, 5, 5])).toBe(1);
  expect(jain([9, 0, 0])).toBeCloseTo(1 / 3);
});
