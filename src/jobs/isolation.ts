/**
 * What children are started with less of than the server has. Job children decode what strangers made, so they get a
 * network namespace of their own, in which there is nothing to call: neither the world nor what listens on this machine.
 * GDAL is told not to call anybody as well; this holds even where a decoder has been taken over. And no child may write
 * files without end, or leave its memory behind as one: that of a transfer holds keys.
 */
import { spawn } from 'node:child_process';
import type { Log } from '../log.ts';
import type { Launcher } from './child-handle.ts';

/** Ways to leave the network, the best first: root's own, and the one for everybody where the system has it. */
const ways: readonly Launcher[] = [
  ['unshare', '--net', '--'],
  // As the same user: one who is root inside could set the namespace up anew.
  ['unshare', '--user', '--map-current-user', '--net', '--'],
];

const remedy =
  'On Linux, install util-linux and run as root with CAP_SYS_ADMIN, or allow unprivileged user namespaces; ' +
  'elsewhere, deny the server all outgoing connections but those that products need.';

/**
 * How a program is started without network on this system, tried once; nothing where that cannot be done, which is
 * logged once as a warning.
 */
export async function findIsolation(log: Log): Promise<Launcher> {
  for (const launcher of ways) {
    if (!(await works(launcher))) continue;
    log.info({ launcher: launcher.join(' ') }, 'Children:Isolated');
    return launcher;
  }
  log.warn({ remedy }, 'Children:NotIsolated');
  return [];
}

/** Most bytes of one file of a job child: three times the largest of its own, the percentages of a whole tile before they are packed. */
export const largestFileBytes = 2 * 2 ** 30;

const limited = (bytes: number): Launcher => ['prlimit', '--core=0', `--fsize=${bytes}`, '--'];

/**
 * How a program is started that may write files of at most so many bytes, and no core dump; nothing where that cannot be
 * done, which is logged once as a warning. Who writes more is ended by SIGXFSZ.
 */
export async function findFileLimit(log: Log): Promise<(maxBytes: number) => Launcher> {
  if (await works(limited(largestFileBytes))) return limited;
  const todo =
    'On Linux, install util-linux; elsewhere, limit the size of files of the whole server.';
  log.warn({ remedy: todo }, 'Children:FilesUnlimited');
  return () => [];
}

const mortal: Launcher = ['setpriv', '--pdeathsig', 'KILL', '--'];

/**
 * How a program is started that dies with the server, whatever it is doing then, even stopped: the system sees to it. To be
 * the last words before the program, since a change of rights takes it back. Nothing where that cannot be done: then the
 * child notices by itself, or the next server ends it.
 */
export async function findMortality(): Promise<Launcher> {
  return (await works(mortal)) ? mortal : [];
}

/** Longer than the slowest start of a program: a machine that is as slow runs children without it. */
const limitMs = 5000;

/** Tries with the program that the children are. */
function works([file = '', ...words]: Launcher): Promise<boolean> {
  return new Promise((resolve) => {
    const trial = spawn(file, [...words, process.execPath, '--version'], {
      stdio: 'ignore',
      timeout: limitMs,
    });
    trial.once('error', () => resolve(false));
    trial.once('exit', (code) => resolve(code === 0));
  });
}
