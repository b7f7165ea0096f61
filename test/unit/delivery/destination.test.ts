import { describe, expect, it } from 'vitest';
import {
  destinationFaults,
  folderOf,
  type Destination,
} from '../../../src/delivery/destination.ts';
import type { OutboundPolicy } from '../../../src/outbound/policy.ts';

const anywhere: OutboundPolicy = {
  allowedHosts: ['*'],
  deniedHosts: ['denied.example'],
  trustedOrigins: [],
  ports: [443],
};

const aDestination = (change: Partial<Destination> = {}): Destination => ({
  bucket: 'masks',
  accessKey: 'AKIA1',
  secretKey: 'a/b+c=',
  ...change,
});

describe('destinationFaults', () => {
  it.each<Partial<Destination>>([
    {},
    { endpointUrl: 'https://s3.example.com' },
    { endpointUrl: 'https://masks.s3.example.com/' },
    { endpointUrl: 'https://x.example.com/storage/v1/s3' },
    { region: 'eu-central-2' },
    { bucket: 'Masks.of_2026' },
    { prefix: '' },
    { prefix: '/masks//year=2026/' },
    { prefix: 'a..b/.hidden' },
  ])('finds nothing wrong with %o', (change) => {
    expect(destinationFaults(aDestination(change), anywhere)).toEqual([]);
  });

  it.each<[string, Partial<Destination>]>([
    ['s3_endpoint_url', { endpointUrl: 'http://s3.example.com' }],
    ['s3_endpoint_url', { endpointUrl: 'https://s3.example.com:9000' }],
    ['s3_endpoint_url', { endpointUrl: 'https://denied.example' }],
    ['s3_endpoint_url', { endpointUrl: 'https://169.254.169.254' }],
    ['s3_endpoint_url', { endpointUrl: 'https://user:pass@s3.example.com' }],
    ['s3_endpoint_url', { endpointUrl: 'https://s3.example.com/?x=1' }],
    ['s3_endpoint_url', { endpointUrl: 's3.example.com' }],
    ['s3_region', { region: 'eu-west-1.evil.example/' }],
    ['s3_region', { region: '' }],
    ['s3_bucket', { bucket: 'a/b' }],
    ['s3_bucket', { bucket: 'a..b' }],
    ['s3_bucket', { bucket: 'arn:aws:s3:us-east-1:1:accesspoint/x' }],
    ['s3_bucket', { bucket: 'x' }],
    ['s3_prefix', { prefix: '../other' }],
    ['s3_prefix', { prefix: 'a/../b' }],
    ['s3_prefix', { prefix: 'a/./b' }],
    ['s3_prefix', { prefix: 'a/..' }],
    ['s3_prefix', { prefix: 'a\nb' }],
    ['s3_prefix', { prefix: 'a b' }],
    ['s3_prefix', { prefix: 'a?b' }],
    ['s3_prefix', { prefix: 'x'.repeat(513) }],
    ['s3_access_key', { accessKey: 'AKIA1\n' }],
    ['s3_secret_key', { secretKey: 'two words' }],
  ])('finds a fault of %s in %o', (input, change) => {
    const faults = destinationFaults(aDestination(change), anywhere);
    expect(faults.map((fault) => fault.input)).toEqual([input]);
    const { accessKey = '', secretKey = '' } = change;
    for (const key of [accessKey, secretKey].filter(Boolean))
      expect(JSON.stringify(faults)).not.toContain(JSON.stringify(key).slice(1, -1));
  });
});

describe('folderOf', () => {
  it.each([
    [undefined, 'job/'],
    ['', 'job/'],
    ['/', 'job/'],
    ['masks', 'masks/job/'],
    ['/masks//2026/', 'masks/2026/job/'],
  ])('makes of the prefix %o the folder %s', (prefix, folder) => {
    expect(folderOf(aDestination(prefix === undefined ? {} : { prefix }), 'job')).toBe(folder);
  });
});
