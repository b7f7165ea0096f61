/** The end of the demo's story: what is in the mask. */
import { isRecord, listOf, numberOf, textOf } from './json.ts';

/** Shares of the classes as a small table, with a bar for each, and the cloud cover. */
export function classTable(statistics: unknown): string {
  if (!isRecord(statistics)) return '  (the results hold no statistics)';
  const rows = listOf(statistics['classes'])
    .filter(isRecord)
    .map((row) => {
      const name = textOf(row['name']) ?? '';
      const share = numberOf(row['share']) ?? 0;
      return { value: numberOf(row['value']) ?? 0, name, share };
    });
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const lines = rows.map(({ value, name, share }) => {
    const percent = (100 * share).toFixed(1).padStart(5);
    return `  ${value}  ${name.padEnd(width)}  ${percent} %  ${'▇'.repeat(Math.round(40 * share))}`;
  });
  const cover = numberOf(statistics['cloud_cover']);
  if (cover != null) lines.push('', `  Cloud cover: ${cover.toFixed(1)} % of the pixels with data`);
  for (const warning of listOf(statistics['warnings'])) {
    lines.push('', `  Note: ${textOf(warning) ?? ''}`);
  }
  return lines.join('\n');
}
