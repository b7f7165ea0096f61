/** What each client did, as a table. */

export const steps = ['describe', 'execute', 'poll', 'results', 'open', 'dismiss'] as const;

export interface StepOutcome {
  readonly step: string;
  readonly outcome: string;
  readonly detail: string;
}

export interface ClientRun {
  /** Name and version for people. */
  readonly client: string;
  readonly steps: readonly StepOutcome[];
  readonly seconds: number;
  /** Why it did not run at all. */
  readonly skipped?: string;
  /** What it said beside its steps, when it failed. */
  readonly lastWords?: string;
}

/** Reads the lines "step<TAB>outcome<TAB>detail" that the scripts print. */
export function parseSteps(text: string): StepOutcome[] {
  return text.split('\n').flatMap((line) => {
    const [step = '', outcome, detail = ''] = line.split('\t');
    return outcome === undefined ? [] : [{ step, outcome, detail }];
  });
}

/** Every step was done. */
export function isComplete(run: ClientRun): boolean {
  return steps.every((step) => outcomeOf(run, step) === 'ok');
}

function outcomeOf(run: ClientRun, step: string): string {
  return run.steps.find((one) => one.step === step)?.outcome ?? '–';
}

/** Client × step × outcome, what was opened, and the words of what failed. */
export function clientsTable(runs: readonly ClientRun[]): string {
  const head = ['client', ...steps, 'seconds'];
  const rows = runs.map((run) => [
    run.client,
    ...steps.map((step) => (run.skipped === undefined ? outcomeOf(run, step) : 'skipped')),
    run.seconds.toFixed(1),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const table = [line(head), rule, ...rows.map(line)].join('\n');
  const words = runs.flatMap(remarks).map((remark) => `- ${remark}`);
  return words.length === 0 ? `${table}\n` : `${table}\n\n${words.join('\n')}\n`;
}

function remarks(run: ClientRun): string[] {
  if (run.skipped !== undefined) return [`${run.client}: ${run.skipped}`];
  if (isComplete(run))
    return run.steps
      .filter(({ step }) => step === 'open')
      .map(({ detail }) => `${run.client}: ${detail}`);
  const failed = run.steps.filter(({ outcome }) => outcome !== 'ok');
  const words = failed.map(({ step, detail }) => `${run.client}: ${step}: ${detail}`);
  return words.length > 0 ? words : [`${run.client}: ended early. ${run.lastWords ?? ''}`];
}
