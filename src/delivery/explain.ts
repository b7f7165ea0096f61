/** What users read when their bucket does not take the results. Never holds a key, nor anything a service wrote. */
import { AddressNotAllowed, Cancelled, DeliveryFailed, DeliveryRefused } from '../errors.ts';
import { shownUrl } from '../outbound/shown-url.ts';
import type { S3Fault, S3FaultKind } from '../s3/fault.ts';
import type { Destination } from './destination.ts';

interface Words {
  readonly fault: S3Fault;
  readonly bucket: string;
  /** The service, by its address. */
  readonly service: string;
  readonly region: string | undefined;
}

const noBucket = ({ bucket, service }: Words): string =>
  `There is no bucket "${bucket}" at ${service}. Create it, or name another s3_bucket or s3_endpoint_url.`;
const ownError = ({ service }: Words): string => `${service} had an error of its own.`;

type Explanation = readonly [
  typeof DeliveryRefused | typeof DeliveryFailed,
  (words: Words) => string,
];

/** Refused is what the user has to change, failed what may pass. */
const explanations: Readonly<Record<Exclude<S3FaultKind, 'stopped' | 'address'>, Explanation>> = {
  'no-bucket': [DeliveryRefused, noBucket],
  'no-object': [DeliveryRefused, noBucket],
  denied: [
    DeliveryRefused,
    ({ bucket, fault }) =>
      `The bucket "${bucket}" denies ${fault.operation} to s3_access_key. Allow it for the objects below s3_prefix, or give another key.`,
  ],
  'unknown-key': [DeliveryRefused, ({ service }) => `${service} does not know s3_access_key.`],
  'wrong-secret': [
    DeliveryRefused,
    ({ service }) => `${service} says that s3_secret_key does not belong to s3_access_key.`,
  ],
  'expired-token': [
    DeliveryRefused,
    ({ service }) => `${service} says that the keys have expired or were withdrawn.`,
  ],
  'wrong-region': [DeliveryRefused, wrongRegion],
  full: [
    DeliveryRefused,
    ({ bucket, service }) =>
      `${service} takes no more data for the bucket "${bucket}": a quota is used up.`,
  ],
  untrusted: [
    DeliveryRefused,
    ({ service }) => `${service} offers no encrypted connection that can be trusted.`,
  ],
  'not-s3': [
    DeliveryRefused,
    ({ service }) => `${service} does not answer as an S3 service does. Check s3_endpoint_url.`,
  ],
  clock: [DeliveryFailed, ({ service }) => `${service} has another time than this server.`],
  busy: [DeliveryFailed, ({ service }) => `${service} asks to send less at a time.`],
  server: [DeliveryFailed, ownError],
  'no-upload': [DeliveryFailed, ownError],
  unreachable: [DeliveryFailed, ({ service }) => `${service} cannot be reached.`],
  cut: [DeliveryFailed, ({ service }) => `The connection to ${service} was cut.`],
  damaged: [
    DeliveryFailed,
    ({ bucket }) => `What arrived in the bucket "${bucket}" was not what was sent.`,
  ],
};

/** The error of the domain for a fault of the service. */
export function explained(fault: S3Fault, { bucket, region, endpointUrl }: Destination): Error {
  const { kind } = fault;
  if (kind === 'stopped') return new Cancelled('The delivery was stopped.');
  if (kind === 'address') return new AddressNotAllowed(fault.message, { cause: fault });
  const service = endpointUrl === undefined ? 'AWS S3' : shownUrl(endpointUrl);
  const words = { fault, bucket, region, service };
  const [Refusal, sentence] = explanations[kind];
  return new Refusal(sentence(words), { cause: fault });
}

function wrongRegion({ fault, bucket, service, region }: Words): string {
  const named = region === undefined ? 'the one that is taken without s3_region' : `"${region}"`;
  const found = fault.region === undefined ? 'another region' : `the region "${fault.region}"`;
  const given = fault.region === undefined ? 'its s3_region' : `s3_region "${fault.region}"`;
  return `The bucket "${bucket}" at ${service} is in ${found}, not ${named}. Give ${given}.`;
}
