/** The guard for libraries that bring their own HTTP and take agents of Node.js: each of their connections is checked. */
import { Agent as PlainAgent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { buildConnector } from 'undici';
import { guardedConnector, type ConnectorOptions } from './guard.ts';
import type { OutboundPolicy } from './policy.ts';

/** Hold connections: whoever makes them destroys them. */
export interface GuardedAgents {
  readonly httpAgent: PlainAgent;
  readonly httpsAgent: SecureAgent;
}

type Connected = (error: Error | null, socket: Duplex) => void;

class GuardedPlainAgent extends PlainAgent {
  readonly #connect: buildConnector.connector;

  constructor(connect: buildConnector.connector, options: AgentOptions) {
    super(options);
    this.#connect = connect;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): undefined {
    openThrough(this.#connect, 'http:', options, connected);
  }
}

class GuardedSecureAgent extends SecureAgent {
  readonly #connect: buildConnector.connector;

  constructor(connect: buildConnector.connector, options: AgentOptions) {
    super(options);
    this.#connect = connect;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): undefined {
    openThrough(this.#connect, 'https:', options, connected);
  }
}

/** Agents that connect to checked addresses only; the errors of the guard end the requests. No proxy. */
export function guardedAgents(policy: OutboundPolicy, options: ConnectorOptions): GuardedAgents {
  const connector = guardedConnector(policy, options);
  const pool = { keepAlive: true, maxSockets: 8 };
  return {
    httpAgent: new GuardedPlainAgent(connector, pool),
    httpsAgent: new GuardedSecureAgent(connector, pool),
  };
}

function openThrough(
  connector: buildConnector.connector,
  protocol: 'http:' | 'https:',
  { host, port }: ClientRequestArgs,
  connected?: Connected,
): void {
  const hostname = host ?? '';
  const asked = String(port ?? (protocol === 'https:' ? 443 : 80));
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${asked}`;
  connector({ protocol, hostname, host: authority, port: asked }, (error, socket) =>
    connected?.(error, socket as unknown as Duplex),
  );
}
