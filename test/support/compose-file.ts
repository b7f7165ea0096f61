/** `deploy/compose.yaml` as Compose reads it: merged, with the values of an environment put in. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { project } from './image-tree.ts';

export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly deploy?: { readonly replicas: number };
}

export type Services = Readonly<Record<'server' | 'worker' | 'db' | 's3', Service>>;

/** @throws Error naming a value that is required and missing */
export async function composeServices(
  environment: Readonly<Record<string, string>>,
): Promise<Services> {
  const text = await readFile(join(project, 'deploy/compose.yaml'), 'utf8');
  const filled = text.replaceAll(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_whole, name: string, sign: string | undefined, word: string) => {
      const value = environment[name];
      if (value !== undefined && value !== '') return value;
      if (sign !== '-') throw new Error(`${name}: ${word}`);
      return word;
    },
  );
  return (parse(filled, { merge: true }) as { services: Services }).services;
}

/** Values that `deploy/.env.example` asks for, made up where it has none. */
export async function exampleEnvironment(): Promise<Record<string, string>> {
  const text = await readFile(join(project, 'deploy/.env.example'), 'utf8');
  const pairs = [...text.matchAll(/^(\w+)=(.*)$/gm)];
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [
      name,
      value || `${name}-`.padEnd(40, 'x').toLowerCase(),
    ]),
  );
}

/** Seconds of `45s` or `5m30s`. */
export function secondsOf(duration: string): number {
  const [, minutes = 0, seconds = 0] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
