/** How much an archive may ask for. The values belong to whoever knows what is inside. */

/** Bytes that unpack to this much need no explanation, whatever their ratio. */
export const freeBytes = 2 ** 20;

/** Limits that a list of entries is held to before anything is unpacked. */
export interface DirectoryLimits {
  readonly entries: number;
  /** Longest name, in UTF-16 units. */
  readonly nameLength: number;
  /** All entries unpacked, needed or not. */
  readonly totalBytes: number;
  /** Unpacked bytes for each packed byte of any entry, beyond a first MiB. Without it the needed ones alone are held to theirs. */
  readonly ratio?: number;
}

/** Limits of one file that is unpacked. */
export interface MemberLimits {
  /** Unpacked. */
  readonly bytes: number;
  /** Unpacked bytes for each packed byte, beyond a first MiB. */
  readonly ratio: number;
}

/** Limits of an archive of which some files are unpacked. */
export interface ArchiveLimits extends Omit<DirectoryLimits, 'ratio'> {
  /** Inflated bytes for each packed byte of a whole stream (`.tar.gz`), beyond its first 16 MiB. */
  readonly streamRatio: number;
  /** Limits of a file by its path in the archive. */
  member(path: string): MemberLimits;
}
