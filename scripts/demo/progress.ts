/** Shows how far a job is: a bar on a terminal, lines elsewhere. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** `percent` 0 to 100; `message` says what is being done. */
  update(percent: number, message: string): void;
  /** Leaves the bar as it is. */
  stop(): void;
}

/** A bar where the output is a terminal, else a line for each new message or ten percent. */
export function createProgress(output: NodeJS.WriteStream): Progress {
  return output.isTTY ? createBar(output) : createLines(output);
}

function createBar(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    format: '  {bar} {percentage} %  {duration_formatted}  {message}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    autopadding: true,
    stream,
  });
  bar.start(100, 0, { message: '' });
  return {
    update: (percent, message) => bar.update(percent, { message }),
    stop: () => bar.stop(),
  };
}

function createLines(output: NodeJS.WriteStream): Progress {
  let last = '';
  return {
    update(percent, message) {
      const tens = Math.floor(percent / 10);
      const current = `${tens} ${message}`;
      if (current === last) return;
      last = current;
      output.write(`  ${String(Math.floor(percent)).padStart(3)} %  ${message}\n`);
    },
    stop: () => undefined,
  };
}
