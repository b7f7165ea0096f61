/** A child that does what its inputs say: makes files, hands over what it is told to, ends as it is told to. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildOrder, ChildReport, RunOrder } from '../../src/jobs/child-protocol.ts';
import type { Outputs } from '../../src/processes/process.ts';

interface Script {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly outputs?: Outputs;
  readonly exitCode?: number;
  readonly failure?: string;
  readonly waitMs?: number;
  /** Names the outputs that were ordered in its failure. */
  readonly tellOutputs?: true;
}

const send = (report: ChildReport) => new Promise((resolve) => process.send?.(report, resolve));

process.on('message', (order: ChildOrder) => {
  if (order.kind === 'run') void play(order, order.inputs);
});

async function play({ directory, outputs }: RunOrder, script: Script): Promise<void> {
  for (const [name, content] of Object.entries(script.files ?? {}))
    writeFileSync(join(directory, name), content);
  for (const [name, target] of Object.entries(script.links ?? {}))
    symlinkSync(target, join(directory, name));
  await send({ kind: 'progress', percent: 30, message: 'Playing' });
  await new Promise((resolve) => setTimeout(resolve, script.waitMs ?? 0));
  const named = Object.entries(script.outputs ?? {}).map(([id, output]) => [
    id,
    output.kind === 'file' ? { ...output, file: join(directory, output.file) } : output,
  ]);
  const failure = script.tellOutputs ? outputs.join(', ') : script.failure;
  if (failure !== undefined)
    await send({ kind: 'failed', failure: { kind: 'bad-input', message: failure } });
  else if (script.outputs !== undefined)
    await send({ kind: 'finished', outputs: Object.fromEntries(named) as Outputs });
  process.exit(script.exitCode ?? 0);
}
