/** What is done to servers, supervisors and children, how often, and which jobs it met. */
import type { Chance } from './chance.ts';

/** One way to strike. */
export interface Kind<Target> {
  readonly name: string;
  /** How many kill -9 it takes. */
  readonly kills: number;
  /** Answers the jobs that it met. */
  readonly strike: (target: Target) => Promise<readonly string[]>;
}

/** A strike that has happened. */
export interface Strike {
  /** What was struck, for the report. */
  readonly target: string;
  readonly name: string;
  readonly kills: number;
  readonly jobIds: readonly string[];
}

export interface Plan<Target> {
  readonly chance: Chance;
  /** What comes once in any case: all kinds, where several of them do not share them. */
  readonly first?: readonly Kind<Target>[];
  /** So many kill -9 at least; what else there is comes on top. */
  readonly kills: number;
  readonly note: (strike: Strike) => void;
}

/** Every kind in turns, in an order that is drawn anew each time; those that come first at least once. */
export async function strikeAll<Target extends { readonly title: string }>(
  target: Target,
  kinds: readonly Kind<Target>[],
  { chance, first = kinds, kills, note }: Plan<Target>,
): Promise<void> {
  let done = 0;
  for (let turn = 0; turn === 0 || done < kills; turn += 1) {
    for (const kind of chance.shuffled(turn === 0 ? first : kinds)) {
      if (turn > 0 && done >= kills) return;
      const jobIds = await kind.strike(target);
      note({ target: target.title, name: kind.name, kills: kind.kills, jobIds });
      done += kind.kills;
    }
  }
}
