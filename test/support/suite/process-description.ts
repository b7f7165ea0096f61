/** The closed schema against which the official suite holds process descriptions, in our own words. */
import { Ajv } from 'ajv';

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const schemaRef = { $ref: 'description#/definitions/schema' };
const schemaList = { type: 'array', minItems: 1, items: schemaRef };

/** A schema object of OpenAPI 3.0: no words of newer dialects, one type, no references inside. */
const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    title: text,
    description: text,
    type: { enum: ['array', 'boolean', 'integer', 'number', 'object', 'string'] },
    format: text,
    contentMediaType: text,
    contentEncoding: text,
    contentSchema: text,
    pattern: text,
    enum: { type: 'array', minItems: 1 },
    default: {},
    example: {},
    nullable: { type: 'boolean' },
    readOnly: { type: 'boolean' },
    writeOnly: { type: 'boolean' },
    deprecated: { type: 'boolean' },
    uniqueItems: { type: 'boolean' },
    exclusiveMinimum: { type: 'boolean' },
    exclusiveMaximum: { type: 'boolean' },
    minimum: { type: 'number' },
    maximum: { type: 'number' },
    multipleOf: { type: 'number' },
    minLength: count,
    maxLength: count,
    minItems: count,
    maxItems: count,
    minProperties: count,
    maxProperties: count,
    required: { type: 'array', items: text },
    items: schemaRef,
    properties: { type: 'object', additionalProperties: schemaRef },
    additionalProperties: { anyOf: [schemaRef, { type: 'boolean' }] },
    oneOf: schemaList,
    anyOf: schemaList,
    allOf: schemaList,
    not: schemaRef,
  },
};

const put = { type: 'object', required: ['title', 'schema'], properties: { schema: schemaRef } };

const description = {
  $id: 'description',
  type: 'object',
  required: ['id', 'version', 'inputs', 'outputs', 'jobControlOptions'],
  properties: {
    id: text,
    version: text,
    jobControlOptions: {
      type: 'array',
      items: { enum: ['sync-execute', 'async-execute', 'dismiss'] },
    },
    outputTransmission: { type: 'array', items: { enum: ['value', 'reference'] } },
    inputs: {
      type: 'object',
      additionalProperties: {
        ...put,
        properties: {
          ...put.properties,
          minOccurs: { type: 'integer' },
          maxOccurs: { anyOf: [{ type: 'integer' }, { enum: ['unbounded'] }] },
        },
      },
    },
    outputs: { type: 'object', additionalProperties: put },
    links: { type: 'array', items: { type: 'object', required: ['href', 'rel'] } },
  },
  definitions: { schema },
};

/** What is wrong with a process description. */
export function descriptionFaults(document: unknown): unknown {
  const check = new Ajv({ strict: false, allErrors: true }).compile(description);
  return check(document) ? [] : check.errors;
}
