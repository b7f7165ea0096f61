import { hostname } from 'node:os';

/** Tells operators which process on which machine it was: in leases, and on every line of the log. */
export const workerName = `${hostname()}:${process.pid}`;
