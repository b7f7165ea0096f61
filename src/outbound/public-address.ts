/** Which IP addresses belong to the public internet. */
import ipaddr from 'ipaddr.js';

/** Global unicast as IANA hands it out; everything outside is special or not in use. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an address is public unicast. One that carries an IPv4 address (mapped, NAT64, 6to4) is as public as that.
 * Takes any text; what is no address is not public.
 */
export function isPublicAddress(text: string): boolean {
  // A zone names an interface of this machine.
  if (text.includes('%') || !ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  const carried = carriedAddress(address);
  if (carried !== undefined) return carried.range() === 'unicast';
  return address.range() === 'unicast' && address.match(globalUnicast);
}

function carriedAddress(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const bytes = address.toByteArray();
  if (address.isIPv4MappedAddress() || address.match(nat64))
    return new ipaddr.IPv4(bytes.slice(12));
  return address.range() === '6to4' ? new ipaddr.IPv4(bytes.slice(2, 6)) : undefined;
}
