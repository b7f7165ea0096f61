/** Progress of a download on stderr: a bar on a terminal, a line for each tenth elsewhere. */
import { SingleBar } from 'cli-progress';
import type { DownloadProgress } from '../models/install/download.ts';

export interface DownloadBar {
  readonly update: (progress: DownloadProgress) => void;
  readonly notice: (message: string) => void;
  /** What goes on after the download: for those who wait, not for logs. */
  readonly stage: (message: string) => void;
  readonly stop: () => void;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export function downloadBar(): DownloadBar {
  return process.stderr.isTTY ? bar() : lines();
}

function bar(): DownloadBar {
  let shown: SingleBar | undefined;
  const stop = (): void => {
    shown?.stop();
    shown = undefined;
  };
  const say = (message: string): void => {
    stop();
    process.stderr.write(`${message}\n`);
  };
  return {
    update: ({ received, total }) => {
      if (shown === undefined) {
        const format =
          total === undefined ? '{received} MB' : '{bar} {percentage} %  {received} MB';
        shown = new SingleBar({ format, hideCursor: true, etaBuffer: 50 });
        shown.start(total ?? received, 0, { received: megabytes(0) });
      }
      shown.update(received, { received: megabytes(received) });
    },
    notice: say,
    stage: say,
    stop,
  };
}

/** Without a known size, a line for each 10 MB. */
function lines(): DownloadBar {
  let last = 0;
  return {
    update: ({ received, total }) => {
      const step = Math.floor((10 * received) / (total ?? 1e8));
      if (step === last) return;
      last = step;
      const of = total === undefined ? '' : ` of ${megabytes(total)}`;
      process.stderr.write(`${megabytes(received)}${of} MB\n`);
    },
    notice: (message) => {
      process.stderr.write(`${message}\n`);
    },
    stage: () => undefined,
    stop: () => undefined,
  };
}
