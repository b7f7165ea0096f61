import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { commands } from '../../../scripts/commands.js';

const launcher = path.resolve('scripts/run.js');

function launch(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    cwd: os.tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, BASE_URL: '' }, // The test runner sets one of its own.
  });
  return { status, stdout, stderr };
}

describe('the launcher', () => {
  it('lists every command of package.json, and package.json every command', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const expected = Object.keys(commands).map((name) => [name, `node scripts/run.js ${name}`]);
    expect(scripts).toEqual(Object.fromEntries(expected));
    const { status, stdout } = launch('--help');
    expect(status).toBe(0);
    for (const name of Object.keys(commands))
      expect(stdout).toMatch(new RegExp(`npm (run )?${name} `));
  });

  it.each(['test', 'check', 'fix', 'setup'])('answers %s --help without running it', (name) => {
    const { status, stdout, stderr } = launch(name, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`npm ${name === 'test' ? '' : 'run '}${name}`);
  });

  it('lets main answer mask --help, from any folder', () => {
    const { status, stdout } = launch('mask', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('<out.tif>');
  });

  it.each(['nosuch', 'constructor'])('ends with 2 for the unknown command %s', (name) => {
    const { status, stderr } = launch(name);
    expect(status).toBe(2);
    expect(stderr).toContain(`There is no command "${name}".`);
  });

  it('passes on the exit code of a command that fails', () => {
    expect(launch('mask', 'no-such-product', 'out.tif').status).toBe(1);
  });
});
