/** A child that calls the hosts that its inputs name, and tells how that ended. */
import { connect } from 'node:net';
import type { ChildOrder, ChildReport } from '../../src/jobs/child-protocol.ts';

function call(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    socket.once('connect', () => resolve('connected'));
    socket.once('timeout', () => resolve('no answer'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

process.on('message', (order: ChildOrder) => {
  if (order.kind !== 'run') return;
  const { port, hosts } = order.inputs as unknown as { port: number; hosts: readonly string[] };
  void Promise.all(hosts.map((host) => call(host, port))).then((ends) => {
    const message = [`pid ${process.pid}`, ...ends].join(', ');
    const report: ChildReport = { kind: 'failed', failure: { kind: 'bad-input', message } };
    return process.send?.(report, () => process.exit(0));
  });
});
