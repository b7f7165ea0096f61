import { expect, it } from 'vitest';
import { ClockWatch } from '../../../src/jobs/clock-watch.ts';

it('tells once that a clock was set, in either direction; small corrections are none', () => {
  let [wallMs, steadyMs] = [1_000_000_000, 0];
  const watch = new ClockWatch(
    () => new Date(wallMs),
    () => steadyMs,
  );
  const pass = (ms: number, setMs = 0): boolean => {
    steadyMs += ms;
    wallMs += ms + setMs;
    return watch.wasSet();
  };
  expect(pass(3_600_000)).toBe(false);
  expect(pass(3_600_000, 5000)).toBe(false);
  expect(pass(3_600_000, 20 * 86_400_000)).toBe(true);
  expect(pass(3_600_000)).toBe(false);
  expect(pass(3_600_000, -20 * 86_400_000)).toBe(true);
  expect(pass(3_600_000)).toBe(false);
});
