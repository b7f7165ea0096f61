/** Where the results of a cloud mask go when they are PRIVATE. */
import type { Destination } from '../delivery/destination.ts';
import type { Inputs } from './process.ts';

/**
 * The bucket that checked inputs name; undefined where the results stay with this server. Write-only inputs have to be among
 * them in clear.
 */
export function cloudMaskDestination(inputs: Inputs): Destination | undefined {
  if (inputs['output_storage'] !== 'PRIVATE') return undefined;
  const text = (id: string): string | undefined => {
    const value = inputs[id];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [endpointUrl, region, prefix] = ['s3_endpoint_url', 's3_region', 's3_prefix'].map(text);
  return {
    bucket: text('s3_bucket') ?? '',
    accessKey: text('s3_access_key') ?? '',
    secretKey: text('s3_secret_key') ?? '',
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(region !== undefined && { region }),
    ...(prefix !== undefined && { prefix }),
  };
}
