/** A child that does what its inputs say: makes files, hands over what it is told to, ends as it is told to. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type {
  BringOrder,
  ChildOrder,
  ChildReport,
  RunOrder,
} from '../../src/jobs/child-protocol.ts';
import type { Outputs } from '../../src/processes/process.ts';

interface Script {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly outputs?: Outputs;
  readonly exitCode?: number;
  /** Dies without a word in all attempts before this one. */
  readonly crashesUntil?: number;
  readonly failure?: string;
  readonly waitMs?: number;
  /** Written to stderr, as it is. */
  readonly stderr?: string;
  /** Names the outputs that were ordered in its failure. */
  readonly tellOutputs?: true;
  /** As the transfer child: folders that it makes, with one file B02, by input id. */
  readonly brings?: Readonly<Record<string, string>>;
  /** As the transfer child: says this path instead of those that it made. */
  readonly says?: string;
  readonly failsToBring?: string;
  /** Names the folders that were brought, and what is in them, in its failure. */
  readonly tellBrought?: true;
}

const send = (report: ChildReport) => new Promise((resolve) => process.send?.(report, resolve));

process.on('message', (order: ChildOrder) => {
  if (order.kind === 'run') void play(order, order.inputs);
  if (order.kind === 'bring') void bring(order, order.inputs);
});

async function bring({ directory }: BringOrder, script: Script): Promise<void> {
  if (script.failsToBring !== undefined) {
    const failure = { kind: 'transfer-failed' as const, message: script.failsToBring };
    await send({ kind: 'failed', failure });
  } else {
    for (const folder of Object.values(script.brings ?? {})) {
      mkdirSync(join(directory, folder));
      writeFileSync(join(directory, folder, 'B02'), 'a band.');
    }
    await new Promise((resolve) => setTimeout(resolve, script.waitMs ?? 0));
    const outputs = Object.entries(script.brings ?? {}).map(
      ([id, folder]) => [id, { kind: 'value', value: script.says ?? folder }] as const,
    );
    await send({ kind: 'finished', outputs: Object.fromEntries(outputs) });
  }
  process.exit(0);
}

async function play({ directory, outputs, brought }: RunOrder, script: Script): Promise<void> {
  makeFiles(directory, script);
  if (script.stderr !== undefined) process.stderr.write(script.stderr);
  if (Number(basename(directory)) < (script.crashesUntil ?? 0))
    process.kill(process.pid, 'SIGKILL');
  await send({ kind: 'progress', percent: 30, message: 'Playing' });
  await new Promise((resolve) => setTimeout(resolve, script.waitMs ?? 0));
  const named = Object.entries(script.outputs ?? {}).map(([id, output]) => [
    id,
    output.kind === 'file' ? { ...output, file: join(directory, output.file) } : output,
  ]);
  const failure = script.tellBrought
    ? Object.entries(brought)
        .map(([id, folder]) => `${id}: ${folder} (${readdirSync(folder).join()})`)
        .join()
    : script.tellOutputs
      ? outputs.join(', ')
      : script.failure;
  if (failure !== undefined)
    await send({ kind: 'failed', failure: { kind: 'bad-input', message: failure } });
  else if (script.outputs !== undefined)
    await send({ kind: 'finished', outputs: Object.fromEntries(named) as Outputs });
  process.exit(script.exitCode ?? 0);
}

function makeFiles(directory: string, { files, links }: Script): void {
  for (const [name, content] of Object.entries(files ?? {}))
    writeFileSync(join(directory, name), content);
  for (const [name, target] of Object.entries(links ?? {}))
    symlinkSync(target, join(directory, name));
}
