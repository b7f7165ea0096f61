/** What a form knows beyond the description of its process: words for choices, costs, fields that belong together, stages. */
import { cloudMaskCompanion } from './cloudmask-companion.ts';

export interface Choice {
  readonly title: string;
  readonly text?: string;
  /** Names of the classes whose colours stand beside it. */
  readonly classes?: readonly string[];
  /** Work compared with the dearest choice, 0–1. */
  readonly cost?: number;
}

/** Fields that are of use only when another one has a certain value. */
export interface FieldGroup {
  readonly title: string;
  readonly help: string;
  readonly inputs: readonly string[];
  /** Those that must be given when the group is of use. */
  readonly required: readonly string[];
  readonly when: { readonly input: string; readonly value: string };
}

export interface Companion {
  readonly processId: string;
  /** What the process does, as one would say it. */
  readonly heading: string;
  readonly lead: string;
  /** Questions in the place of titles, and short help in the place of long descriptions, by input. */
  readonly questions: Readonly<Record<string, { readonly title: string; readonly help: string }>>;
  /** By input, by value. */
  readonly choices: Readonly<Record<string, Readonly<Record<string, Choice>>>>;
  readonly group?: FieldGroup;
  /** What its jobs say that they do, in order: messages of progress up to a colon. */
  readonly stages: readonly string[];
}

/** The companion of a process. Without one the description alone makes the form. */
export function companionOf(processId: string): Companion | undefined {
  return processId === cloudMaskCompanion.processId ? cloudMaskCompanion : undefined;
}
