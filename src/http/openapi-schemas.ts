/** Component schemas of the API definition: our own, inlined, in the dialect of OpenAPI 3.0. */

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const listOf = (items: object) => ({ type: 'array', items });

const callbackUri = (description: string) => ({
  type: 'string',
  format: 'uri',
  maxLength: 2048,
  description,
});

const transmission = { type: 'string', enum: ['value', 'reference'] } as const;

const summaryProperties = {
  id: text,
  version: text,
  title: text,
  description: text,
  keywords: listOf(text),
  jobControlOptions: listOf({ type: 'string', enum: ['sync-execute', 'async-execute', 'dismiss'] }),
  outputTransmission: listOf(transmission),
  links: listOf(ref('Link')),
};

const putDescription = {
  title: text,
  description: text,
  schema: { type: 'object', description: 'A schema in the dialect of OpenAPI 3.0.' },
};

export const schemas = {
  Link: {
    type: 'object',
    required: ['href', 'rel'],
    properties: { href: { type: 'string', format: 'uri' }, rel: text, type: text, title: text },
  },
  LandingPage: {
    type: 'object',
    required: ['links'],
    properties: { title: text, description: text, links: listOf(ref('Link')) },
  },
  Conformance: {
    type: 'object',
    required: ['conformsTo'],
    properties: { conformsTo: listOf(text) },
  },
  Health: { type: 'object', required: ['status'], properties: { status: text } },
  Readiness: {
    type: 'object',
    required: ['status', 'database', 'results', 'gdal', 'model', 'jobs'],
    properties: {
      status: { type: 'string', enum: ['ready', 'not ready', 'stopping'] },
      database: { type: 'string', enum: ['ok', 'does not answer', 'not asked'] },
      results: { type: 'string', enum: ['ok', 'does not answer', 'not asked'] },
      gdal: {
        type: 'object',
        properties: { version: text, missingDrivers: listOf(text), message: text },
      },
      model: {
        type: 'object',
        properties: {
          id: text,
          isPresent: { type: 'boolean' },
          isUsable: { type: 'boolean' },
          message: text,
        },
      },
      jobs: { type: 'object', additionalProperties: { type: 'integer' } },
    },
  },
  ProcessSummary: {
    type: 'object',
    required: ['id', 'version', 'jobControlOptions'],
    properties: summaryProperties,
  },
  ProcessList: {
    type: 'object',
    required: ['processes', 'links'],
    properties: { processes: listOf(ref('ProcessSummary')), links: listOf(ref('Link')) },
  },
  Process: {
    type: 'object',
    required: ['id', 'version', 'jobControlOptions', 'inputs', 'outputs'],
    properties: {
      ...summaryProperties,
      inputs: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['title', 'schema'],
          properties: {
            ...putDescription,
            minOccurs: { type: 'integer' },
            maxOccurs: { type: 'integer' },
          },
        },
      },
      outputs: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['title', 'schema'],
          properties: putDescription,
        },
      },
    },
  },
  Execute: {
    type: 'object',
    required: ['inputs'],
    properties: {
      inputs: {
        type: 'object',
        description:
          'Input id → value, as the description of the process says: the value itself, or {"value": …, "mediaType": …}.',
        additionalProperties: true,
      },
      outputs: {
        type: 'object',
        description: 'Output id → how it is wanted. All outputs when absent.',
        additionalProperties: {
          type: 'object',
          properties: {
            transmissionMode: { ...transmission, default: 'value' },
            format: {
              type: 'object',
              properties: { mediaType: text, encoding: text, schema: { type: 'object' } },
            },
          },
        },
      },
      response: {
        type: 'string',
        enum: ['raw', 'document'],
        description:
          'Form of the results. When absent, a synchronous answer is raw, and results of a job are a document unless Accept names the media type of an output.',
      },
      subscriber: {
        type: 'object',
        description:
          'Where the states of a job are to be told by POST (https, public hosts; the operator may allow fewer or more). Messages are signed: see the README.',
        properties: {
          successUri: callbackUri('The document of results, when they are there.'),
          inProgressUri: callbackUri('The status, when the job begins to run.'),
          failedUri: callbackUri('The status, when the job failed or was dismissed.'),
        },
      },
    },
  },
  Inputs: {
    type: 'object',
    description: 'Input id → value.',
    additionalProperties: true,
  },
  Provenance: {
    type: 'object',
    description: 'As the W3C Member Submission PROV-JSON describes it.',
    required: ['prefix', 'entity', 'activity', 'agent'],
    properties: {
      prefix: { type: 'object', additionalProperties: text },
      entity: { type: 'object' },
      activity: { type: 'object' },
      agent: { type: 'object' },
    },
  },
  JobLog: {
    type: 'object',
    required: ['logs', 'links'],
    properties: {
      logs: listOf({
        type: 'object',
        required: ['time', 'message'],
        properties: { time, message: text },
      }),
      links: listOf(ref('Link')),
    },
  },
  StatusInfo: {
    type: 'object',
    required: ['jobID', 'processID', 'type', 'status', 'links'],
    properties: {
      jobID: text,
      id: text,
      processID: text,
      type: { type: 'string', enum: ['process'] },
      status: {
        type: 'string',
        enum: ['accepted', 'running', 'successful', 'failed', 'dismissed'],
      },
      message: text,
      progress: { type: 'integer', minimum: 0, maximum: 100 },
      created: time,
      started: time,
      finished: time,
      updated: time,
      links: listOf(ref('Link')),
    },
  },
  JobList: {
    type: 'object',
    required: ['jobs', 'links'],
    properties: { jobs: listOf(ref('StatusInfo')), links: listOf(ref('Link')) },
  },
  Results: {
    type: 'object',
    description: 'Output id → {"value": …, "mediaType": …} or {"href": …, "type": …, "title": …}.',
    additionalProperties: {
      type: 'object',
      properties: {
        value: { description: 'Any JSON value.' },
        mediaType: text,
        href: { type: 'string', format: 'uri' },
        type: text,
        title: text,
      },
    },
  },
  Problem: {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', format: 'uri' },
      title: text,
      status: { type: 'integer' },
      detail: text,
      instance: text,
      faults: {
        type: 'array',
        description: 'Every fault of an execute request.',
        items: {
          type: 'object',
          required: ['input', 'message'],
          properties: { input: text, message: text },
        },
      },
    },
  },
} as const;
