/** Our own checks of the 54 points of the official suite, run against a server that is there. */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { isRecord, listOf, textOf } from '../demo/json.ts';
import { runProgram } from './program.ts';
import { runOf, type Run, type TestOutcome, type Verdict } from './report.ts';

const project = path.resolve(import.meta.dirname, '../..');

/** `url`: root of the API. `cache`: folder for the report of the test runner. */
export async function runOwnChecks(url: string, cache: string): Promise<Run> {
  const file = path.join(cache, 'own-checks.json');
  await rm(file, { force: true });
  const runner = await runProgram(
    process.execPath,
    [
      path.join(project, 'node_modules/vitest/vitest.mjs'),
      'run',
      'test/http/conformance-points/',
      '--config=test/vitest.config.ts',
      '--no-file-parallelism',
      '--reporter=json',
      `--outputFile=${file}`,
    ],
    { cwd: project, timeoutMs: 300_000, env: { CONFORMANCE_URL: url } },
  );
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined)
    return { unavailable: `The checks did not run: ${runner?.stderr.trim().slice(0, 500)}` };
  return runOf(outcomesOf(JSON.parse(text)));
}

const verdicts: Readonly<Record<string, Verdict>> = { passed: 'passed', failed: 'failed' };

/** Reads the JSON report of vitest. The first word of a test's name is the name of the point. */
export function outcomesOf(document: unknown): TestOutcome[] {
  const files = isRecord(document) ? listOf(document['testResults']) : [];
  const tests = files.flatMap((file) => (isRecord(file) ? listOf(file['assertionResults']) : []));
  return tests.filter(isRecord).map((test): TestOutcome => {
    const [id = ''] = (textOf(test['title']) ?? '').split(' ');
    const verdict = verdicts[textOf(test['status']) ?? ''] ?? 'skipped';
    const message = textOf(listOf(test['failureMessages'])[0])?.split('\n')[0];
    return { id, verdict, ...(message !== undefined && { message }) };
  });
}
