/** What the views of results are made from. */
import type { FinishedJob } from '../../../jobs/jobs.ts';
import type { Links } from '../../links.ts';
import { classNames } from '../classes.ts';
import type { SceneFacts } from '../scene.ts';
import type { MaskStatistics } from '../statistics.ts';

export interface ResultsPage {
  readonly job: FinishedJob;
  /** Those that the request asked for, in its order. */
  readonly ids: readonly string[];
  readonly titles: Readonly<Record<string, string>>;
  readonly links: Links;
  readonly statistics?: MaskStatistics;
  readonly scene?: SceneFacts;
  readonly livesUntil: string;
}

/** Names of the classes, or bands, of a job's mask by value. */
export function namesOf({ job, statistics }: ResultsPage): readonly string[] {
  if (statistics !== undefined) return statistics.classes.map(({ name }) => name);
  const style = job.request.inputs['output_style'];
  return (typeof style === 'string' ? classNames[style] : undefined) ?? [];
}

/** One band of class values, or percentages in a band for each class. */
export function isCategorised({ job }: Pick<ResultsPage, 'job'>): boolean {
  return job.request.inputs['categorise'] !== false;
}
