/** Readers of single settings: text in, value out. A fault is thrown as a message that says what is accepted. */
import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';

/** What is accepted instead; `readConfig` adds the name of the setting and what was found. */
export class Fault extends Error {}

export const text =
  (pattern: RegExp, accepted: string) =>
  (found: string): string => {
    if (!pattern.test(found)) throw new Fault(accepted);
    return found;
  };

export const integer =
  (least: number, most: number) =>
  (found: string): number => {
    const value = Number(found);
    if (!/^\d+$/.test(found) || value < least || value > most) {
      throw new Fault(`an integer from ${least} to ${most}`);
    }
    return value;
  };

/** The same, or undefined where nothing is said. */
export const optionalInteger =
  (least: number, most: number) =>
  (found: string): number | undefined =>
    found === '' ? undefined : integer(least, most)(found);

/** A number of days, with fractions so that tests and impatient operators can take minutes. */
export const days = (found: string): number => {
  const value = Number(found);
  if (found.trim() === '' || !(value > 0 && value <= 36_500)) {
    throw new Fault('a number of days above 0 and up to 36500');
  }
  return value;
};

export const oneOf =
  <Word extends string>(words: readonly Word[]) =>
  (found: string): Word => {
    const word = words.find((candidate) => candidate === found);
    if (word === undefined) throw new Fault(words.join(', '));
    return word;
  };

/** The same, or undefined where nothing is said. */
export const optionalWord =
  <Word extends string>(words: readonly Word[]) =>
  (found: string): Word | undefined =>
    found === '' ? undefined : oneOf(words)(found);

/** Empty = undefined. */
export const optionalText = (found: string): string | undefined =>
  found === ''
    ? undefined
    : text(/^[\x21-\x7e]{1,500}$/, 'at most 500 characters without spaces')(found);

export const folder = (found: string, from: string): string => resolve(from, found);

export const folders = (found: string): readonly string[] => {
  const list = found.split(':').filter((entry) => entry !== '');
  const relative = list.filter((entry) => !isAbsolute(entry));
  if (relative.length > 0) {
    throw new Fault(`absolute folders separated by ":" (not absolute: ${relative.join(', ')})`);
  }
  return list.map((entry) => resolve(entry));
};

/** Absolute http(s) URL without query or fragment, slash at its end removed; empty = undefined. */
export const baseUrl = (found: string): string | undefined => {
  if (found === '') return undefined;
  const accepted = 'an absolute http:// or https:// URL without user, query or fragment';
  if (!URL.canParse(found)) throw new Fault(accepted);
  const url = new URL(found);
  const extra = url.search + url.hash + url.username + url.password;
  if (!['http:', 'https:'].includes(url.protocol) || extra !== '') throw new Fault(accepted);
  return url.href.replace(/\/+$/, '');
};

/** As it is written: tokens have to hold the very text. Empty = undefined. */
export const issuer = (found: string): string | undefined => {
  baseUrl(found);
  return found === '' ? undefined : found;
};

/** Where results are kept. */
export type ResultStore =
  | { readonly kind: 'file' }
  /** The prefix has no `/` at its ends, and may be empty. */
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

export const resultStore = (found: string): ResultStore => {
  if (found === 'file') return { kind: 'file' };
  const [, bucket, path = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(\/[\w./=-]*)?$/.exec(found) ?? [];
  const parts = path.split('/').filter((part) => part !== '');
  if (bucket === undefined || parts.includes('..') || parts.includes('.'))
    throw new Fault('"file", or s3://bucket/prefix with letters, digits and . _ = - in the prefix');
  return { kind: 's3', bucket, prefix: parts.join('/') };
};

/** Empty = undefined. */
export const region = (found: string): string | undefined => {
  if (found === '') return undefined;
  if (!/^[a-z0-9-]{2,64}$/.test(found)) throw new Fault('a region such as eu-central-1');
  return found;
};

/** A secret of the operator: only its length is judged, and it is never shown. */
export const secret = (found: string): string | undefined => {
  if (found === '') return undefined;
  if (found.length < 32) throw new Fault('empty, or at least 32 characters');
  return found;
};

/** Empty = undefined. */
export const databaseUrl = (found: string): string | undefined => {
  if (found === '') return undefined;
  const isPostgres = URL.canParse(found) && /^postgres(?:ql)?:$/.test(new URL(found).protocol);
  if (!isPostgres) throw new Fault('empty, or postgres://user:password@host:port/database');
  return found;
};

const listOf = (found: string): string[] =>
  found
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Templates of relative paths with placeholders in braces. */
export const layouts =
  (placeholders: readonly string[]) =>
  (found: string): readonly string[] => {
    const accepted = `relative paths with {name} and other placeholders of ${placeholders.join(', ')}, separated by ","`;
    for (const layout of listOf(found)) {
      const named = [...layout.matchAll(/\{([^}]*)\}/g)].map(([, key = '']) => key);
      const rest = layout.replaceAll(/\{[^}]*\}/g, '');
      const isPath = /^[\w./-]*$/.test(rest) && !layout.split('/').includes('..');
      const isKnown = named.every((key) => placeholders.includes(key)) && named.includes('name');
      if (!isPath || !isKnown || layout.startsWith('/')) throw new Fault(accepted);
    }
    return listOf(found);
  };

export const hosts = (found: string): readonly string[] => {
  const list = listOf(found.toLowerCase());
  if (!list.every((host) => /^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/.test(host))) {
    throw new Fault('host names, "*." and a host name, or "*", separated by ","');
  }
  return list;
};

export const ports = (found: string): readonly number[] => {
  const list = listOf(found).map(integer(1, 65_535));
  if (list.length === 0) throw new Fault('ports separated by ","');
  return list;
};

/** Scheme, host and port of each, as `URL.origin` writes it. */
export const origins = (found: string): readonly string[] =>
  listOf(found).map((origin) => {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    const isHttp = url !== undefined && ['http:', 'https:'].includes(url.protocol);
    if (!isHttp || url.href !== `${url.origin}/`) {
      throw new Fault('origins such as http://archive.intranet:8080, separated by ","');
    }
    return url.origin;
  });

/** In the words of Express, which asks who a request comes from. */
export const proxies = (found: string): readonly string[] => {
  const list = listOf(found);
  if (!list.every(isProxy)) {
    throw new Fault(
      'addresses, networks such as 10.0.0.0/8, or "loopback", "linklocal", "uniquelocal", separated by ","',
    );
  }
  return list;
};

function isProxy(entry: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true;
  const [address = '', bits = '0', ...rest] = entry.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}
