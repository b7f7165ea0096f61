import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * Tells operators which process on which machine it was: in leases, on every line of the log, and as the name of its folder.
 * Host, number of the process, and what makes it unique: numbers are used again, and hosts may be containers of one name.
 */
export const workerName = [
  hostname().replaceAll(/[^\w.-]/g, '_'),
  process.pid,
  randomBytes(4).toString('hex'),
].join('-');
