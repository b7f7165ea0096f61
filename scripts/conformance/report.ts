/** What a run of the conformance checks found, for programs and for people. */

export type Verdict = 'passed' | 'failed' | 'skipped';

export interface TestOutcome {
  /** Class and method of the official suite. */
  readonly id: string;
  readonly verdict: Verdict;
  /** Why it did not pass. */
  readonly message?: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Tests that ran, or the reason for which they could not. */
export type Run =
  | { readonly tests: readonly TestOutcome[]; readonly counts: Counts }
  | { readonly unavailable: string };

export interface Report {
  /** RFC 3339. */
  readonly date: string;
  readonly server: { readonly version: string; readonly conformsTo: readonly string[] };
  /** The executable test suite of OGC, 1.3. */
  readonly official: Run;
  /** Our own checks of the same points. Not the official suite. */
  readonly own: Run;
}

export function runOf(tests: readonly TestOutcome[]): Run {
  const count = (verdict: Verdict) => tests.filter((test) => test.verdict === verdict).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  return { tests: tests.toSorted((one, other) => (one.id < other.id ? -1 : 1)), counts };
}

/** All of so many tests passed. */
export function isWhole(run: Run, expected: number): boolean {
  return 'counts' in run && run.counts.passed === expected && run.tests.length === expected;
}

function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function runText(title: string, run: Run): string[] {
  if ('unavailable' in run) return [`${title}: not run. ${run.unavailable}`];
  const bad = run.tests.filter(({ verdict }) => verdict !== 'passed');
  return [
    `${title}: ${countsText(run.counts)}`,
    ...bad.map(({ id, verdict, message = '' }) => `  ${verdict}  ${id}  ${message}`.trimEnd()),
  ];
}

/** A few lines for people. */
export function reportText(report: Report): string {
  const lines = [
    `senseiv2-cloudmask-server ${report.server.version}, ${report.date}`,
    ...runText('Official suite ets-ogcapi-processes10 1.3', report.official),
    ...runText('Our own checks of its 54 points', report.own),
    'Declared classes:',
    ...report.server.conformsTo.map((uri) => `  ${uri}`),
  ];
  return `${lines.join('\n')}\n`;
}
