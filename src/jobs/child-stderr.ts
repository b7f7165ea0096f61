/** What a child writes to stderr, as lines for the log: few and short, whatever the child writes. */

const mostLines = 200;
const longestLine = 2000;

export class StderrLines {
  readonly #tell: (line: string) => void;
  #rest = '';
  #left = mostLines;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) this.#say(line);
  }

  /** Nothing follows. */
  end(): void {
    this.#say(this.#rest);
    this.#rest = '';
  }

  #say(line: string): void {
    if (line.trim() === '' || this.#left === 0) return;
    this.#left -= 1;
    this.#tell(this.#left === 0 ? '(what follows is not logged)' : line.slice(0, longestLine));
  }
}
