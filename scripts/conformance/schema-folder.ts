/**
 * The schema documents that the official suite asks schemas.opengis.net for, made of the component schemas of our own API
 * definition: the suite runs without a network. `--schemas` names a folder with the published ones.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { schemas } from '../../src/http/openapi-schemas.ts';
import { isRecord } from '../demo/json.ts';

/** Document of the standard → our component. */
const documents = {
  landingPage: 'LandingPage',
  confClasses: 'Conformance',
  processSummary: 'ProcessSummary',
  processList: 'ProcessList',
  statusInfo: 'StatusInfo',
  jobList: 'JobList',
  exception: 'Problem',
  link: 'Link',
} as const satisfies Record<string, keyof typeof schemas>;

const place = 'ogcapi/processes/part1/1.0/openapi/schemas';

/** Writes the documents below a folder. JSON is YAML as well. */
export async function writeSchemas(folder: string): Promise<void> {
  await mkdir(path.join(folder, place), { recursive: true });
  const files = Object.entries(documents).map(([name, component]) =>
    writeFile(
      path.join(folder, place, `${name}.yaml`),
      JSON.stringify(inlined(schemas[component])),
    ),
  );
  await Promise.all(files);
}

/** Without references, which would lead into a document that the suite does not have. */
export function inlined(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inlined);
  if (!isRecord(schema)) return schema;
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.replace('#/components/schemas/', '');
    return inlined(Object.entries(schemas).find(([key]) => key === name)?.[1]);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inlined(value)]));
}
