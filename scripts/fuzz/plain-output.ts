/** Output of a program without the rulers around its headings: who reads logs of tests takes them for those of pytest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** `=== SUMMARY ===` as `SUMMARY`; everything else as it is. */
function withoutRuler(line: string): string {
  return /^=+$|^=+ .* =+$/.test(line) ? line.replaceAll(/^=+ ?| ?=+$/g, '') : line;
}

/** Runs a program in a folder, prints its lines as they come, and answers its exit code; 1 where a signal ended it. */
export async function runPlainly(
  [program = '', ...args]: readonly string[],
  cwd: string,
  print: (line: string) => void,
): Promise<number> {
  // Programs in Python keep back what does not go to a terminal.
  const env = { ...process.env, PYTHONUNBUFFERED: '1' };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
  const printed = (async () => {
    for await (const line of lines) print(withoutRuler(line));
  })();
  const [[code]] = await Promise.all([ended, printed]);
  return code ?? 1;
}
