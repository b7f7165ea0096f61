import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Schema } from './description.ts';

/** OpenAPI 3.0 words that say something about a value, check nothing, and are not known to ajv already. */
const annotations = ['example', 'externalDocs', 'xml'];

/** Formats of the standard that name a meaning; the structure is checked by the schema beside them. */
const ogcFormats = ['ogc-bbox', 'geojson-geometry', 'geojson-feature-collection'];

/**
 * A compiler of OpenAPI 3.0 schemas: strict, unknown words are a fault at start. A check ends at the first
 * fault of a value: a long array is refused for its length before anybody looks into it.
 */
export function schemaCompiler(): (schema: Schema) => ValidateFunction {
  const ajv = new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    discriminator: true,
  });
  ajv.addVocabulary(annotations);
  addFormats.default(ajv);
  for (const name of ogcFormats) ajv.addFormat(name, true);
  return (schema) => ajv.compile(schema);
}
