/** What is wrong with a checkpoint. Whoever knows the file's name makes a `CheckpointRefused` of it. */
export class Fault extends Error {}

/** Text of a file as it may be shown: one line, no control characters, not endless. */
export function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
