/** Stands between one process and PostgreSQL, and does to its connections what networks do. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export class DatabaseProxy {
  readonly #server: Server;
  readonly #target: URL;
  /** Of processes, and the one of PostgreSQL that belongs to each. */
  readonly #pairs = new Map<Socket, Socket>();
  #isHeld = false;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
  }

  /** `url`: of the database behind it. */
  static async open(url: string): Promise<DatabaseProxy> {
    const server = createServer();
    const proxy = new DatabaseProxy(server, new URL(url));
    server.on('connection', (near) => proxy.#pass(near));
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return proxy;
  }

  /** URL of the database through it. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** All connections end, whatever was going on there. */
  cut(): void {
    for (const ends of this.#pairs) for (const end of ends) end.resetAndDestroy();
  }

  /** For so long nothing passes, neither way; what was sent arrives afterwards. */
  async hold(ms: number): Promise<void> {
    this.#isHeld = true;
    for (const ends of this.#pairs) for (const end of ends) end.pause();
    await sleep(ms, undefined, { ref: false });
    this.#isHeld = false;
    for (const ends of this.#pairs) for (const end of ends) end.resume();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #pass(near: Socket): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    this.#pairs.set(near, far);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on('data', (chunk) => other.write(chunk));
      one.once('end', () => other.end());
      one.on('error', () => other.resetAndDestroy());
      one.once('close', () => {
        other.end();
        this.#pairs.delete(near);
      });
      if (this.#isHeld) one.pause();
    }
  }
}
