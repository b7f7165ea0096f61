/** All limits are by the minute. */
export const minuteMs = 60_000;

/** Whole seconds, at least one. */
export function secondsUntil(time: Date | undefined): number {
  const leftMs = (time?.getTime() ?? Date.now() + minuteMs) - Date.now();
  return Math.max(1, Math.ceil(leftMs / 1000));
}
