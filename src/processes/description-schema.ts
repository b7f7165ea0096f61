/** What a file in `processes/` must look like. Stricter than the standard where its defaults are traps. */
import type { Schema } from './description.ts';

const words = { type: 'array', items: { type: 'string' } };

/** Only one occurrence per input so far: arrays are inputs whose schema is an array. */
const occurs = { type: 'integer', minimum: 0, maximum: 1 };

const put = (schema: Schema, extra: Record<string, Schema>, required: string[]): Schema =>
  ({
    type: 'object',
    required: ['title', 'schema', ...required],
    additionalProperties: false,
    properties: { title: { type: 'string' }, description: { type: 'string' }, schema, ...extra },
  }) as unknown as Schema;

const valueSchema: Schema = { type: 'object', minProperties: 1, not: { required: ['$ref'] } };

export const descriptionSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  required: [
    'id',
    'version',
    'title',
    'description',
    'jobControlOptions',
    'outputTransmission',
    'inputs',
    'outputs',
  ],
  properties: {
    id: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' },
    version: { type: 'string' },
    title: { type: 'string' },
    description: { type: 'string' },
    keywords: words,
    jobControlOptions: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', enum: ['sync-execute', 'async-execute', 'dismiss'] },
    },
    outputTransmission: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', enum: ['value', 'reference'] },
    },
    inputs: {
      type: 'object',
      additionalProperties: put(
        valueSchema,
        { minOccurs: occurs, maxOccurs: { ...occurs, minimum: 1 } },
        ['minOccurs', 'maxOccurs'],
      ) as never,
    },
    outputs: {
      type: 'object',
      minProperties: 1,
      additionalProperties: put(valueSchema, {}, []) as never,
    },
  },
};
