/**
 * An execute request as a query (`?a=x&d=1,2,3`), as the draft of version 2.0 describes it → the body that says the
 * same. What does not fit is left as it is found: the checks of the body say what is wrong with it.
 */
import type { ProcessDescription, Schema } from './description.ts';
import type { Json } from './process.ts';

export type Query = Readonly<Record<string, unknown>>;

/** Parameters that say how to answer, not what to do. */
const others = ['f', 'response', 'response[f]', 'response[prefer]'];

/** /req/kvp-execute/input-query-parameters, /req/kvp-execute/output */
export function executeBody(description: ProcessDescription, query: Query): Json {
  const inputs: Record<string, Json> = {};
  const outputs: Record<string, Json> = {};
  for (const [name, value] of Object.entries(query)) {
    const [, id = name, member] = /^([^[\]]+)\[(\w+)\]$/.exec(name) ?? [];
    if (others.includes(name) || member === 'crs') continue;
    if (member === 'include') {
      if (value === 'true') outputs[id] = {};
    } else
      inputs[name] = inputOf(description.inputs[name]?.schema ?? {}, value, query[`${name}[crs]`]);
  }
  const response = query['response'];
  return {
    inputs,
    ...(Object.keys(outputs).length > 0 && { outputs }),
    ...(response !== undefined && { response: plain(response) }),
  };
}

/** A repeated parameter is a list. */
function plain(found: unknown): Json {
  return Array.isArray(found) ? found.map(String) : String(found);
}

function inputOf(schema: Schema, found: unknown, crs: unknown): Json {
  const text = plain(found);
  if (typeof text !== 'string') return text;
  if (isBox(schema) && !text.trimStart().startsWith('{')) {
    return { bbox: text.split(',').map(number), ...(crs !== undefined && { crs: plain(crs) }) };
  }
  if (schema['type'] === 'array' && !text.trimStart().startsWith('[')) return listOf(schema, text);
  return schema['type'] === 'string' ? text : parsed(schema, text);
}

/** /req/kvp-execute/array-input-value: simple values separated by commas. */
function listOf(schema: Schema, text: string): Json {
  const items = (schema['items'] ?? {}) as Schema;
  return text === '' ? [] : text.split(',').map((one) => parsed(items, one));
}

/** A value that may be something else than text is read as JSON, where it is. */
function parsed(schema: Schema, text: string): Json {
  if (schema['type'] === 'string') return text;
  try {
    const value = JSON.parse(text) as Json;
    const isMixed = schema['type'] === undefined && typeof value !== 'number';
    return isMixed && typeof value !== 'object' ? text : value;
  } catch {
    return text;
  }
}

function number(text: string): Json {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

/** /req/kvp-execute/bbox-input-value */
function isBox(schema: Schema): boolean {
  const parts = Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return parts.some((part) => (part as Schema)['format'] === 'ogc-bbox');
}
