/** The member `subscriber` of an execute request: where the states of a job are to be told. */
import { AddressNotAllowed, type InputFault } from '../errors.ts';
import { checkAddress } from '../outbound/guard.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import { kindOf } from './input-fault.ts';

const members = ['successUri', 'inProgressUri', 'failedUri'] as const;

/** Addresses, as the request gave them. May hold secrets. */
export type Subscriber = Readonly<Partial<Record<(typeof members)[number], string>>>;

/** The published schema requires `successUrl` and describes `successUri`: both are understood. */
const spellings: Readonly<Record<string, (typeof members)[number]>> = {
  successUri: 'successUri',
  successUrl: 'successUri',
  inProgressUri: 'inProgressUri',
  inProgressUrl: 'inProgressUri',
  failedUri: 'failedUri',
  failedUrl: 'failedUri',
};

/** Longer ones are no addresses but loads. */
const longest = 2048;

/**
 * Reads the member and asks the guard about every address: nothing is called, names are resolved.
 * Undefined where there is nothing to tell. /req/callback/job-callback
 */
export async function readSubscriber(
  found: unknown,
  policy: OutboundPolicy,
  faults: InputFault[],
): Promise<Subscriber | undefined> {
  if (found === undefined) return undefined;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    const accepted = `an object with members of ${members.join(', ')}`;
    faults.push({ input: 'subscriber', message: `found ${kindOf(found)}; accepted: ${accepted}` });
    return undefined;
  }
  const read: [string, string][] = [];
  for (const [name, url] of Object.entries(found)) {
    const member = Object.hasOwn(spellings, name) ? spellings[name] : undefined;
    // Members that nobody knows are left to later versions of the standard.
    if (member === undefined) continue;
    const fault = await addressFault(url, policy);
    if (fault === undefined) read.push([member, String(url)]);
    else faults.push({ input: `subscriber/${name}`, message: fault });
  }
  return read.length > 0 ? Object.fromEntries(read) : undefined;
}

async function addressFault(url: unknown, policy: OutboundPolicy): Promise<string | undefined> {
  if (typeof url !== 'string' || url.length > longest)
    return `found ${kindOf(url)}; accepted: an address of up to ${longest} characters`;
  try {
    await checkAddress(url, policy);
    return undefined;
  } catch (error) {
    if (error instanceof AddressNotAllowed) return error.message;
    throw error;
  }
}
