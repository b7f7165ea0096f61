/** The processes that are offered: descriptions read from files, checked and compiled once, at start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { NoSuchProcess, Unusable } from '../errors.ts';
import type { ProcessDescription } from './description.ts';
import type { InputRules } from './process.ts';
import { descriptionSchema } from './description-schema.ts';
import { schemaCompiler } from './schema-dialect.ts';

export interface Process {
  readonly description: ProcessDescription;
  /** A compiled check for each input. */
  readonly checks: Readonly<Record<string, ValidateFunction>>;
  readonly rules?: InputRules;
}

export interface Registry {
  /** Sorted by id. */
  readonly all: readonly Process[];
  /** @throws NoSuchProcess */
  get(id: string): Process;
}

/**
 * Reads `<directory>/*.json`. A description that does not fit, two of one id, or a rule without
 * description stops the start.
 */
export function loadRegistry(directory: string, rules: readonly InputRules[]): Registry {
  const compile = schemaCompiler();
  const fits = compile(descriptionSchema);
  const byId = new Map<string, Process>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
    const description = JSON.parse(
      readFileSync(join(directory, file), 'utf8'),
    ) as ProcessDescription;
    if (!fits(description)) {
      const faults = (fits.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
      throw new Unusable(
        `${join(directory, file)} is not a process description: ${faults.join('; ')}`,
      );
    }
    if (byId.has(description.id)) {
      throw new Unusable(`Two files in ${directory} describe the process "${description.id}".`);
    }
    byId.set(description.id, compileProcess(description, compile, rules));
  }
  return registryOf(byId, rules);
}

function compileProcess(
  description: ProcessDescription,
  compile: ReturnType<typeof schemaCompiler>,
  rules: readonly InputRules[],
): Process {
  const inputs = Object.entries(description.inputs);
  const checks = Object.fromEntries(inputs.map(([id, input]) => [id, compile(input.schema)]));
  for (const output of Object.values(description.outputs)) compile(output.schema);
  const own = rules.find((candidate) => candidate.processId === description.id);
  return { description, checks, ...(own && { rules: own }) };
}

function registryOf(byId: ReadonlyMap<string, Process>, rules: readonly InputRules[]): Registry {
  const ids = [...byId.keys()].toSorted();
  const lost = rules.find((rule) => !byId.has(rule.processId));
  if (lost)
    throw new Unusable(`There are rules for the process "${lost.processId}", but no description.`);
  return {
    all: ids.flatMap((id) => byId.get(id) ?? []),
    get(id) {
      const found = byId.get(id);
      if (found === undefined) throw new NoSuchProcess(id, ids);
      return found;
    },
  };
}

/** Stops the start when a description has no code or code has no description. */
export function assertPaired(registry: Registry, implemented: readonly string[]): void {
  const described = registry.all.map((process) => process.description.id);
  const faults = [
    ...described
      .filter((id) => !implemented.includes(id))
      .map((id) => `"${id}" is described, but has no implementation`),
    ...implemented
      .filter((id) => !described.includes(id))
      .map((id) => `"${id}" is implemented, but not described`),
  ];
  if (faults.length > 0) throw new Unusable(`Processes do not pair: ${faults.join('; ')}.`);
}

/** Ids of inputs whose values must never be stored, logged or returned. */
export function writeOnlyInputs(description: ProcessDescription): readonly string[] {
  const inputs = Object.entries(description.inputs);
  return inputs.flatMap(([id, input]) => (input.schema['writeOnly'] === true ? [id] : []));
}
