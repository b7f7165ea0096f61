/** What is wrong with an archive. Whoever knows the archive's name makes an error of the domain of it. */
export class ArchiveFault extends Error {}

/** Text of a file as it may be shown: one line, no control characters, not endless. */
export function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
