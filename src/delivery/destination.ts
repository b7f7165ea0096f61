/** Where a PRIVATE result goes: the user's own bucket. What is wrong with it is found before anything is asked of a network. */
import { AddressNotAllowed, type InputFault } from '../errors.ts';
import { checkAddress, checkUrl } from '../outbound/guard.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';

/** A bucket of the user's, with keys that live as long as the job. */
export interface Destination {
  /** Root of the S3 service; absent: AWS. Where its host begins with the bucket's name, so do those of the requests. */
  readonly endpointUrl?: string;
  /** Absent: found out. */
  readonly region?: string;
  readonly bucket: string;
  /** Text before the names of the objects; `/` at its ends means nothing. */
  readonly prefix?: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

interface Rule {
  readonly fits: RegExp;
  readonly accepted: string;
}

const key: Rule = { fits: /^[\x21-\x7e]+$/, accepted: 'letters, digits and signs without blanks' };

/** Names that every S3 service and every address can take as they are. */
const rules: Readonly<Record<Exclude<keyof Destination, 'endpointUrl'>, Rule>> = {
  region: { fits: /^[a-z0-9-]{1,64}$/, accepted: 'lower-case letters, digits and "-"' },
  bucket: {
    fits: /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/,
    accepted: 'the name of a bucket: letters, digits, ".", "_" and "-"',
  },
  prefix: {
    fits: /^(?!(.*\/)?\.\.?(\/|$))[A-Za-z0-9!_.*'()=/-]{0,512}$/,
    accepted: `up to 512 letters, digits and ! _ . * ' ( ) = -, with "/" between folders, none of which is "." or ".."`,
  },
  accessKey: key,
  secretKey: key,
  sessionToken: key,
};

/** Inputs that give the members. */
const inputOf: Readonly<Record<keyof Destination, string>> = {
  endpointUrl: 's3_endpoint_url',
  region: 's3_region',
  bucket: 's3_bucket',
  prefix: 's3_prefix',
  accessKey: 's3_access_key',
  secretKey: 's3_secret_key',
  sessionToken: 's3_session_token',
};

/**
 * All that is wrong with a destination, as far as that is known without asking it; an empty list when nothing is. No value is
 * quoted but the address.
 */
export function destinationFaults(
  destination: Destination,
  policy: OutboundPolicy,
): readonly InputFault[] {
  const members = Object.entries(rules) as [keyof typeof rules, Rule][];
  const faults = members.flatMap(([member, { fits, accepted }]): InputFault[] => {
    const value = destination[member];
    if (value === undefined || fits.test(value)) return [];
    return [{ input: inputOf[member], message: `found something else; accepted: ${accepted}` }];
  });
  const fault = endpointFault(destination.endpointUrl, policy);
  return fault === undefined ? faults : [{ input: inputOf.endpointUrl, message: fault }, ...faults];
}

function endpointFault(
  endpointUrl: string | undefined,
  policy: OutboundPolicy,
): string | undefined {
  if (endpointUrl === undefined) return undefined;
  try {
    const { search } = checkUrl(endpointUrl, policy);
    return search === '' ? undefined : 'found a query; accepted: an address without one';
  } catch (error) {
    if (!(error instanceof AddressNotAllowed)) throw error;
    return error.message;
  }
}

/** The same after a question to the resolver of names, where nothing else is wrong. */
export async function resolvedFaults(
  destination: Destination,
  policy: OutboundPolicy,
): Promise<readonly InputFault[]> {
  const faults = destinationFaults(destination, policy);
  if (faults.length > 0 || destination.endpointUrl === undefined) return faults;
  try {
    await checkAddress(destination.endpointUrl, policy);
    return [];
  } catch (error) {
    if (!(error instanceof AddressNotAllowed)) throw error;
    return [{ input: inputOf.endpointUrl, message: error.message }];
  }
}

/** The objects of a job lie below this, which ends with `/`. */
export function folderOf({ prefix = '' }: Destination, jobId: string): string {
  return [...prefix.split('/').filter((part) => part !== ''), jobId, ''].join('/');
}
