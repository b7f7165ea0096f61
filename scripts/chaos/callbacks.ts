/** Receives callbacks, refuses some of them, and tells in the end which were owed and never came. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { JobRow } from '../../src/database/job-row.ts';
import type { Subscriber } from '../../src/processes/subscriber.ts';
import type { Chance } from './chance.ts';
import { idOf, type Order } from './users.ts';

type News = 'running' | 'successful' | 'failed';

interface Message {
  readonly news: News;
  readonly body: string;
}

const refusals = 0.1;

export class Callbacks {
  readonly secret = 'a secret that only the servers of this run know';
  readonly faults: string[] = [];
  readonly #server: Server;
  readonly #chance: Chance;
  /** Messages that were taken, by the key of the order. */
  readonly #taken = new Map<string, Message[]>();

  private constructor(server: Server, chance: Chance) {
    this.#server = server;
    this.#chance = chance;
  }

  static async open(chance: Chance): Promise<Callbacks> {
    const server = createServer();
    const callbacks = new Callbacks(server, chance);
    server.on('request', (request: IncomingMessage, response) => {
      callbacks.#take(request).then(
        (status) => response.writeHead(status).end(),
        () => response.destroy(),
      );
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return callbacks;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  subscriberOf(key: string): Subscriber {
    const at = (news: News) => `${this.origin}/${key}/${news}`;
    return {
      inProgressUri: at('running'),
      successUri: at('successful'),
      failedUri: at('failed'),
    };
  }

  /** To be asked when the outbox is empty. */
  missing(orders: readonly Order[], rows: readonly JobRow[]): string[] {
    const byId = new Map(rows.map((row) => [row.id, row]));
    return orders.flatMap((order) => {
      const row = byId.get(idOf(order));
      return row === undefined ? [] : this.#faultsOf(order, row);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** The status of the answer. */
  async #take(request: IncomingMessage): Promise<number> {
    const [, key = '', news = ''] = (request.url ?? '').split('/');
    const body = await text(request);
    if (!this.#isSigned(request, body)) this.faults.push(`A callback has no signature: ${key}.`);
    if (this.#chance.happens(refusals)) return 503;
    this.#taken.set(key, [...(this.#taken.get(key) ?? []), { news: news as News, body }]);
    return 204;
  }

  #isSigned({ headers }: IncomingMessage, body: string): boolean {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given } = headers;
    const signed = `${String(id)}.${String(time)}.${body}`;
    const digest = createHmac('sha256', this.secret).update(signed).digest('base64');
    return given === `v1,${digest}`;
  }

  #faultsOf({ key, inputs }: Order, row: JobRow): string[] {
    const came = this.#taken.get(key) ?? [];
    const told = (news: News) => came.filter((message) => message.news === news);
    const owed = owedOf(row);
    const faults = owed === undefined || told(owed).length > 0 ? [] : [`it never told "${owed}"`];
    if (owed !== undefined && told(owed === 'failed' ? 'successful' : 'failed').length > 0)
      faults.push(`it is ${row.status} and told the opposite`);
    const value = JSON.stringify(inputs['a'] ?? null);
    if (row.process_id === 'echo' && told('successful').some(({ body }) => !body.includes(value)))
      faults.push('it told of another result');
    return faults.map((fault) => `Callbacks of job ${row.id}: ${fault}.`);
  }
}

/** What its subscriber has to have heard; nothing where the results were removed before they were told of. */
function owedOf({ status, finished, updated }: JobRow): News | undefined {
  if (status === 'successful' || status === 'failed') return status;
  return finished === updated ? 'failed' : undefined;
}
