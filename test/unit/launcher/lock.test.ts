import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { withLock } from '../../../scripts/bootstrap/lock.js';

describe('withLock', () => {
  let home = '';
  const lock = () => path.join(home, 'lock');
  const deadPid = 2 ** 22 + 1; // Above the highest process id of Linux.

  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'lock-'));
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function aLock(owner: { pid: number; host: string }, ageMs = 0): void {
    mkdirSync(lock());
    const file = path.join(lock(), 'owner.json');
    writeFileSync(file, JSON.stringify({ ...owner, token: 'theirs' }));
    const touched = new Date(Date.now() - ageMs);
    utimesSync(file, touched, touched);
  }

  it('lets one work at a time and tells the others that they wait', async () => {
    const events: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await sleep(50);
      events.push(`${name} ends`);
    };
    await Promise.all(
      ['a', 'b'].map((name) => withLock(lock(), () => events.push(`${name} waits`), work(name))),
    );
    expect(events.toSorted()).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'b waits']);
    expect(events.indexOf('a ends')).toBeLessThan(events.indexOf('b begins'));
  });

  it('is released when the work fails', async () => {
    const failing = withLock(
      lock(),
      () => {},
      () => Promise.reject(new Error('no disk')),
    );
    await expect(failing).rejects.toThrow('no disk');
    expect(existsSync(lock())).toBe(false);
  });

  it.each([
    ['a process that is gone', { pid: deadPid, host: os.hostname() }, 0],
    [
      'a holder that did not touch it for long, whoever has the process id now',
      { pid: process.pid, host: os.hostname() },
      120_000,
    ],
  ] as const)('is taken over from %s', async (_holder, owner, ageMs) => {
    aLock(owner, ageMs);
    const work = () => Promise.resolve('done');
    expect(await withLock(lock(), () => {}, work)).toBe('done');
  });

  it('waits for a holder on another machine that touches it', async () => {
    aLock({ pid: deadPid, host: 'elsewhere' });
    setTimeout(() => rmSync(lock(), { recursive: true }), 100);
    const waits: string[] = [];
    await withLock(
      lock(),
      (holder) => waits.push(holder),
      () => Promise.resolve(),
    );
    expect(waits).toEqual([`process ${deadPid}`]);
  });
});
