/** Which kind of archive bytes are, by their marks: names and media types are only what somebody says. */

export type ArchiveKind = 'zip' | 'tar' | 'tar.gz';

/** As many first bytes as it takes to tell. */
export const kindBytes = 512;

const marks: readonly (readonly [ArchiveKind, at: number, mark: string])[] = [
  ['zip', 0, 'PK\x03\x04'],
  // A zip without entries.
  ['zip', 0, 'PK\x05\x06'],
  // Deflate is the only method of gzip.
  ['tar.gz', 0, '\x1f\x8b\x08'],
  ['tar', 257, 'ustar'],
];

/** Kind of an archive by its first 512 bytes (fewer are fine where there are no more); undefined when it is none. */
export function archiveKind(firstBytes: Uint8Array): ArchiveKind | undefined {
  const found = marks.find(([, at, mark]) =>
    Buffer.from(mark, 'latin1').equals(firstBytes.subarray(at, at + mark.length)),
  );
  return found?.[0];
}
