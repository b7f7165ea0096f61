/** Environment → one checked, frozen configuration. Nothing else of the project reads the environment. */
import { Misconfigured } from '../errors.ts';
import { defaultModelId } from './default-model.ts';
import { invocationFolder } from './invocation-folder.ts';
import { accessDisagreements } from './access-settings.ts';
import { Fault } from './parse.ts';
import type { Setting } from './setting.ts';
import { settings } from './settings.ts';

export type Config = {
  readonly [Name in keyof typeof settings]: ReturnType<(typeof settings)[Name]['parse']>;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks all settings.
 * @throws Misconfigured with every fault in one message: what was found, what is accepted.
 */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const from = invocationFolder(environment);
  const chosen = chosenDefaults(environment, from);
  const read = (row: Setting<unknown>): unknown => {
    const found = environment[row.name] || chosen[row.name] || row.default;
    try {
      return row.parse(found, from);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(
        `${row.name}: found ${row.secret ? '***' : `"${found}"`}; accepted: ${error.message}`,
      );
      return undefined;
    }
  };
  const entries = Object.entries(settings).map(([key, row]) => [key, read(row)] as const);
  const config = Object.fromEntries(entries) as Config;
  faults.push(...disagreements(config));
  if (faults.length > 0) {
    throw new Misconfigured(
      `The settings have ${faults.length} fault(s):\n- ${faults.join('\n- ')}`,
    );
  }
  for (const value of Object.values(config)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(config);
}

/** What is wrong with settings that are right by themselves. A faulty one is undefined here. */
function disagreements(config: Partial<Config>): readonly string[] {
  const { jobDays = Infinity, resultDays = 0, databaseUrl, secretKey, maxRunningJobs } = config;
  return [
    ...accessDisagreements(config),
    ...(jobDays < resultDays
      ? [`JOB_DAYS: found "${jobDays}"; accepted: at least RESULT_DAYS (${resultDays})`]
      : []),
    ...(databaseUrl !== undefined && secretKey === undefined
      ? [
          'SECRET_KEY: found nothing; accepted: with DATABASE_URL at least 32 characters, the same for all servers and workers. "openssl rand -base64 32" makes one',
        ]
      : []),
    ...(databaseUrl === undefined && maxRunningJobs === 0
      ? ['MAX_RUNNING_JOBS: found "0"; accepted: without DATABASE_URL an integer from 1 to 1000']
      : []),
  ];
}

/** Defaults that were chosen by a command. */
function chosenDefaults(environment: Environment, from: string): Environment {
  const { modelId, modelsDirectory } = settings;
  const directory = environment[modelsDirectory.name] || modelsDirectory.default;
  return { [modelId.name]: defaultModelId(modelsDirectory.parse(directory, from)) };
}

/** The public root of all links: as configured, or from the address on which the server really listens. */
export function publicRoot(config: Config, realPort: number): string {
  if (config.baseUrl !== undefined) return config.baseUrl;
  const host = ['0.0.0.0', '::', '[::]'].includes(config.host) ? 'localhost' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${realPort}`;
}

/** The settings as a markdown table, for the README. */
export function settingsTable(): string {
  const rows = Object.values(settings).map((row: Setting<unknown>) => {
    const shown = row.defaultShown ?? `\`${row.default}\``;
    const unit = row.unit === undefined ? '' : ` ${row.unit}`;
    return `| \`${row.name}\` | ${shown}${unit} | ${row.meaning} | \`${row.example}\` |`;
  });
  return ['| setting | default | meaning | example |', '|---|---|---|---|', ...rows].join('\n');
}
