import { expect, it } from 'vitest';
import { runPlainly } from '../../../scripts/fuzz/plain-output.ts';

/** What is printed of a text that a program writes before it ends in this way, and its exit code. */
async function printed(text: string, end: string): Promise<{ lines: string[]; code: number }> {
  const lines: string[] = [];
  const program = `process.stdout.write(${JSON.stringify(text)}, () => ${end})`;
  const command = [process.execPath, '-e', program];
  return { code: await runPlainly(command, '.', (line) => lines.push(line)), lines };
}

it('prints lines without rulers, and answers the exit code', async () => {
  const text = [
    '===== SUMMARY =====',
    '  a === b ===',
    '',
    '=====================',
    '=== a = b ===',
    '== no heading',
    '=== 1 warning in 63.44s ===',
  ].join('\n');
  expect(await printed(text, 'process.exit(3)')).toEqual({
    code: 3,
    lines: ['SUMMARY', '  a === b ===', '', '', 'a = b', '== no heading', '1 warning in 63.44s'],
  });
});

it('answers 1 where a signal has ended the program', async () => {
  const { code } = await printed('x', "process.kill(process.pid, 'SIGKILL')");
  expect(code).toBe(1);
});

it('says that there is no such program', async () => {
  await expect(runPlainly(['/nonexistent'], '.', () => undefined)).rejects.toThrow('ENOENT');
});
