/** Moments in the life of a process at which it can be killed exactly, by itself: see `killed-at.ts`. They count from now on. */

export type Moment =
  /** When it has written so many lines of its log that hold this text. */
  | { readonly at: 'line'; readonly text: string; readonly count: number }
  /** Around the commit of so many transactions that change the state of a job. */
  | { readonly at: 'commit'; readonly side: CommitSide; readonly count: number }
  /** When it has moved so many files. */
  | { readonly at: 'rename'; readonly count: number };

/** `sent`: PostgreSQL was told to commit, and nobody heard whether it did. In SQLite there is no such moment. */
export type CommitSide = 'before' | 'sent' | 'after';

/** Environment variable with the moment of a process that is about to start, as JSON. */
export const momentVariable = 'CHAOS_MOMENT';

/** The line of the log with this event, for the first time or a later one. */
export function atEvent(event: string, count = 1): Moment {
  return { at: 'line', text: `"msg":"${event}"`, count };
}
