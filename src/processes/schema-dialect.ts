import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Schema } from './description.ts';

/** OpenAPI 3.0 words that say something about a value, check nothing, and are not known to ajv already. */
const annotations = ['example', 'externalDocs', 'xml'];

/** Formats of the standard that name a meaning; the structure is checked by the schema beside them. */
const ogcFormats = ['ogc-bbox', 'geojson-geometry', 'geojson-feature-collection'];

/** A compiler of OpenAPI 3.0 schemas: strict, all faults at once. Unknown words are a fault at start. */
export function schemaCompiler(): (schema: Schema) => ValidateFunction {
  const ajv = new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    verbose: true,
    discriminator: true,
  });
  ajv.addVocabulary(annotations);
  addFormats.default(ajv);
  for (const name of ogcFormats) ajv.addFormat(name, true);
  return (schema) => ajv.compile(schema);
}
