/** A job in the words of PROV-JSON: what was used, what was done by whom, what came out. */
import type { Job } from '../jobs/job.ts';
import type { Json } from '../processes/process.ts';
import { showable } from '../processes/redact.ts';
import { version } from '../version.ts';
import type { Links } from './links.ts';
import { mediaTypeOfOutput } from './results-document.ts';

type Records = Record<string, Record<string, Json>>;

function numbered(name: string, records: readonly Record<string, Json>[]): Records {
  return Object.fromEntries(records.map((record, index) => [`_:${name}${index + 1}`, record]));
}

/** Values of PROV-JSON are scalars: others stand as the text of their JSON. */
function scalar(value: Json): Json {
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/** /req/provenance/prov/response */
export function provenance(job: Job, links: Links) {
  const activity = `jobs:${job.id}`;
  const plan = `processes:${job.processId}`;
  const inputs = Object.entries(job.request.inputs);
  const outputs = Object.entries(job.results ?? {});
  return {
    prefix: {
      jobs: `${links.jobs()}/`,
      processes: `${links.processes()}/`,
      inputs: `${links.inputs(job.id)}#`,
      outputs: `${links.results(job.id)}/`,
      cloudmask: 'urn:senseiv2-cloudmask:',
    },
    entity: {
      [plan]: { 'prov:type': { $: 'prov:Plan', type: 'prov:QUALIFIED_NAME' } },
      ...Object.fromEntries(
        inputs.map(([id, value]) => [`inputs:${id}`, { 'prov:value': scalar(showable(value)) }]),
      ),
      ...Object.fromEntries(
        outputs.map(([id, output]) => [
          `outputs:${id}`,
          {
            'cloudmask:mediaType': mediaTypeOfOutput(output),
            ...(output.kind !== 'value' && {
              'cloudmask:bytes': output.size,
              'cloudmask:sha256': output.sha256,
            }),
          },
        ]),
      ),
    } satisfies Records,
    activity: { [activity]: activityOf(job) },
    agent: {
      'cloudmask:server': {
        'prov:type': { $: 'prov:SoftwareAgent', type: 'prov:QUALIFIED_NAME' },
        'cloudmask:version': version,
      },
    },
    wasAssociatedWith: numbered('association', [
      { 'prov:activity': activity, 'prov:agent': 'cloudmask:server', 'prov:plan': plan },
    ]),
    used: numbered(
      'usage',
      inputs.map(([id]) => ({ 'prov:activity': activity, 'prov:entity': `inputs:${id}` })),
    ),
    wasGeneratedBy: numbered(
      'generation',
      outputs.map(([id]) => ({
        'prov:entity': `outputs:${id}`,
        'prov:activity': activity,
        ...(job.finished !== undefined && { 'prov:time': job.finished }),
      })),
    ),
  };
}

function activityOf(job: Job): Record<string, Json> {
  return {
    'cloudmask:status': job.status,
    'cloudmask:attempt': job.attempt,
    ...(job.started !== undefined && { 'prov:startTime': job.started }),
    ...(job.finished !== undefined && { 'prov:endTime': job.finished }),
  };
}
