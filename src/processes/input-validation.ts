/** Inputs of an execute request → plain values that fit the description, defaults filled in. */
import type { InputFault } from '../errors.ts';
import { isRequired, mediaTypeOf, type InputDescription } from './description.ts';
import { accepted, addUnknown, kindOf, quoted, valueFault } from './input-fault.ts';
import { isSameMediaType } from './media-type.ts';
import type { Inputs, Json } from './process.ts';
import type { Process } from './registry.ts';

/**
 * Reads the member `inputs`. Adds a fault for each input that is unknown, missing or does not fit.
 * /req/core/process-execute-inputs, /req/core/process-execute-input-validation
 * Arrays, bounding boxes, strings of base64 and mixed types are what their schemas say:
 * /req/core/process-execute-input-array, /req/core/process-execute-input-inline-bbox,
 * /req/core/process-execute-input-inline-binary, /req/core/process-execute-input-mixed-type
 */
export function readInputs(process: Process, found: unknown, faults: InputFault[]): Inputs {
  const described = process.description.inputs;
  const known = Object.keys(described);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    faults.push({
      input: 'inputs',
      message: `found ${kindOf(found)}; accepted: an object with members of ${known.join(', ')}`,
    });
    return {};
  }
  const given = found as Record<string, Json>;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(described, name));
  addUnknown('input', unknown, known, faults);
  const read = Object.entries(described).flatMap(([id, input]) => {
    const value = Object.hasOwn(given, id)
      ? readInput(process, id, given[id] ?? null, faults)
      : absent(id, input, faults);
    return value === undefined ? [] : [[id, value] as const];
  });
  return Object.fromEntries(read);
}

function absent(id: string, input: InputDescription, faults: InputFault[]): Json | undefined {
  if (isRequired(input)) {
    faults.push({
      input: id,
      message: `missing, but required; accepted: ${accepted(input.schema)}`,
    });
  }
  return input.schema['default'];
}

function readInput(
  process: Process,
  id: string,
  given: Json,
  faults: InputFault[],
): Json | undefined {
  const input = process.description.inputs[id];
  const check = process.checks[id];
  if (input === undefined || check === undefined) return undefined;
  const value = unwrap(id, given, mediaTypeOf(input.schema), faults);
  if (check(value)) return value;
  const isLink = typeof value === 'object' && value !== null && 'href' in value;
  const hint = isLink ? '; links are not accepted for this input' : '';
  faults.push({
    input: id,
    message: valueFault(id, input.schema, value, check.errors ?? []) + hint,
  });
  return undefined;
}

const qualifiers = ['value', 'mediaType', 'encoding', 'schema', 'format', 'type'];

/** /req/core/process-execute-input-inline-object: `{value, mediaType…}` → the value. Anything else is the value itself. */
function unwrap(id: string, given: Json, declared: string | undefined, faults: InputFault[]): Json {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const isQualified =
    'value' in given && Object.keys(given).every((name) => qualifiers.includes(name));
  if (!isQualified) return given;
  const stated = given['mediaType'];
  if (stated !== undefined && declared !== undefined && !isOffered(stated, declared)) {
    faults.push({
      input: `${id}/mediaType`,
      message: `found ${quoted(stated)}; accepted: "${declared}"`,
    });
  }
  return given['value'] ?? null;
}

/** Members of media types are compared without regard to case and order of parameters. */
function isOffered(stated: Json, offered: string): boolean {
  return typeof stated === 'string' && isSameMediaType(stated, offered);
}
