import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../src/outbound/public-address.ts';
import { random } from '../../support/random.ts';

/** Blocks of the IANA registries of special purposes, multicast, and what is not handed out. */
const special4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

const special6 = [
  ['0', 3],
  ['2001', 23],
  ['20010db8', 32],
  ['2620004f8000', 48],
  ['3fff', 20],
  ['4000', 2],
  ['8000', 1],
] as const;

const draws = 200;

function number4(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function text4(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** An address of IPv6 from its 128 bits. */
function text6(bits: bigint): string {
  const hex = bits.toString(16).padStart(32, '0');
  return (hex.match(/.{4}/g) ?? []).join(':');
}

function randomBits(draw: () => number, bits: number): bigint {
  let value = 0n;
  for (let at = 0; at < bits; at++) value = value * 2n + (draw() < 0.5 ? 0n : 1n);
  return value;
}

function lotsOf4(draw: () => number, base: string, prefix: number): string[] {
  const size = 2 ** (32 - prefix);
  const inner = Array.from({ length: draws }, () => Math.floor(draw() * size));
  return [0, size - 1, ...inner].map((offset) => text4(number4(base) + offset));
}

/** IPv6 addresses that carry an IPv4 address. */
function carriersOf(address: string): string[] {
  const hex = number4(address).toString(16).padStart(8, '0');
  const [high, low] = [hex.slice(0, 4), hex.slice(4)];
  return [
    `::ffff:${address}`,
    `::ffff:${high}:${low}`,
    `64:ff9b::${high}:${low}`,
    `2002:${high}:${low}::1`,
  ];
}

describe('isPublicAddress', () => {
  it.each(special4)('refuses %s/%i, also carried by IPv6', (base, prefix) => {
    const addresses = lotsOf4(random(prefix), base, prefix);
    const all = addresses.flatMap((address) => [address, ...carriersOf(address)]);
    expect(all.filter(isPublicAddress)).toEqual([]);
  });

  it('accepts every other address of IPv4, also carried by IPv6', () => {
    const draw = random(4);
    const isSpecial = (number: number): boolean =>
      special4.some(([base, prefix]) => {
        const from = number4(base);
        return number >= from && number < from + 2 ** (32 - prefix);
      });
    const others = Array.from({ length: 5000 }, () => Math.floor(draw() * 2 ** 32))
      .filter((number) => !isSpecial(number))
      .map(text4);
    const all = others.flatMap((address) => [address, ...carriersOf(address)]);
    expect(others.length).toBeGreaterThan(4000);
    expect(all.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  it.each(special6)('refuses the block of IPv6 that begins with %s, %i bits', (start, prefix) => {
    const draw = random(prefix);
    const base = BigInt(`0x${start.padEnd(32, '0')}`);
    const addresses = Array.from({ length: draws }, () =>
      text6(base + randomBits(draw, 128 - prefix)),
    );
    // Mapped and NAT64 addresses lie in the first block; so few are not drawn.
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it.each(['2a00:1450:4001:81d::200e', '2606:4700::1111', '2001:200::1', '64:ff9b::808:808'])(
    'accepts %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '::',
    '::1',
    '::7f00:1',
    '::127.0.0.1',
    '::ffff:0:7f00:1',
    '64:ff9b:1::808:808',
    '2001:0:808:808::1',
    '100::1',
    '5f00::1',
    'fe80::1',
    'fe80::1%eth0',
    '2a00:1450::1%1',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::1',
    '2002:808:808:1::%2',
    '',
    'localhost',
    '8.8.8.8.8',
  ])('refuses %j', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
