// One set-up at a time. The lock is a folder (making one is atomic) whose file says who holds it; the holder touches
// it while it works, so a lock whose holder was killed, or whose process id now belongs to another, is taken over.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const touchMs = 2_000;
const staleMs = 60_000;
const pollMs = 500;

/**
 * Holds the lock while `work` runs.
 * @template T
 * @param {string} folder
 * @param {(holder: string) => void} onWait called once if somebody else holds the lock
 * @param {() => Promise<T>} work
 */
export async function withLock(folder, onWait, work) {
  await acquire(folder, onWait);
  removeStale(folder);
  const touch = setInterval(() => {
    const now = new Date();
    utimesSync(ownerFile(folder), now, now);
  }, touchMs);
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    process.off('exit', release);
    release();
  }
}

/** @param {string} folder */
const ownerFile = (folder) => path.join(folder, 'owner.json');

/** @param {string} folder @param {(holder: string) => void} onWait */
async function acquire(folder, onWait) {
  let told = false;
  while (!tryToMake(folder)) {
    if (isStale(folder) && takeAway(folder)) continue;
    if (!told) onWait(`process ${readOwner(folder)?.pid ?? 'unknown'}`);
    told = true;
    await sleep(pollMs);
  }
}

/** @param {string} folder */
function tryToMake(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
  const owner = { pid: process.pid, host: os.hostname(), token: `${process.pid}-${Date.now()}` };
  writeFileSync(ownerFile(folder), JSON.stringify(owner));
  return true;
}

/**
 * The holder is gone if its process is, or if it has not touched the lock for long.
 * @param {string} folder
 */
function isStale(folder) {
  const owner = readOwner(folder);
  const touchedMs = modified(owner === undefined ? folder : ownerFile(folder));
  if (touchedMs === undefined) return false;
  if (Date.now() - touchedMs > staleMs) return true;
  return owner !== undefined && owner.host === os.hostname() && !isAlive(owner.pid);
}

/**
 * Moves a stale lock aside. The name carries the holder's token and a folder cannot be moved onto one that is not
 * empty, so of two that saw the same stale lock only one gets it, and never a lock that was made since.
 * @param {string} folder
 */
function takeAway(folder) {
  const owner = readOwner(folder);
  try {
    if (owner === undefined) rmSync(folder, { recursive: true, force: true });
    else renameSync(folder, `${folder}.stale-${owner.token}`);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM')) return false;
    throw error;
  }
}

/** @param {string} folder whose locks that were moved aside are no longer needed */
function removeStale(folder) {
  const parent = path.dirname(folder);
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(`${path.basename(folder)}.stale-`)) continue;
    rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @returns {{ pid: number, host: string, token: string } | undefined}
 */
function readOwner(folder) {
  try {
    return JSON.parse(readFileSync(ownerFile(folder), 'utf8'));
  } catch {
    return undefined; // Just made and not yet written, or just released.
  }
}

/** @param {string} file */
function modified(file) {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

/** @param {unknown} error @param {string[]} codes */
function isCode(error, ...codes) {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
