/** Settings of where the server calls when a user names an address. */
import { knownHosts } from './known-hosts.ts';
import * as parse from './parse.ts';
import { setting } from './setting.ts';

export const outboundSettings = {
  outboundHosts: setting({
    name: 'OUTBOUND_HOSTS',
    default: knownHosts.join(','),
    defaultShown:
      'the catalogues and archives of Copernicus, USGS, Earth Search, Planetary Computer',
    example: 'data.example.org,*.example.com',
    meaning:
      'Hosts from which products may be brought by https, separated by `,`: names, `*.` and a name for all below it, or `*` for every public host.',
    parse: parse.hosts,
  }),
  outboundDeniedHosts: setting({
    name: 'OUTBOUND_DENIED_HOSTS',
    default: '',
    defaultShown: 'none',
    example: 'internal.example.org',
    meaning: 'Hosts that are never called, even if `OUTBOUND_HOSTS` has them.',
    parse: parse.hosts,
  }),
  outboundPorts: setting({
    name: 'OUTBOUND_PORTS',
    default: '443,8443',
    example: '443',
    meaning: 'Ports that may be called on `OUTBOUND_HOSTS`, separated by `,`.',
    parse: parse.ports,
  }),
  outboundTrustedOrigins: setting({
    name: 'OUTBOUND_TRUSTED_ORIGINS',
    default: '',
    defaultShown: 'none',
    example: 'http://archive.intranet:8080',
    meaning:
      'Origins that the operator vouches for, separated by `,`: there http, any port and private addresses are allowed.',
    parse: parse.origins,
  }),
  callbackHosts: setting({
    name: 'CALLBACK_HOSTS',
    default: '*',
    example: '*.example.com',
    meaning:
      'Hosts to which callbacks (`subscriber`) may be posted by https, in the forms of `OUTBOUND_HOSTS`; the other `OUTBOUND_` settings hold for them too. `*` is every host at a public address.',
    parse: parse.hosts,
  }),
  deliveryHosts: setting({
    name: 'DELIVERY_HOSTS',
    default: '*',
    example: '*.amazonaws.com,s3.example.com',
    meaning:
      "Hosts of S3 services to which results may be delivered (`output_storage` PRIVATE) by https, in the forms of `OUTBOUND_HOSTS`; the other `OUTBOUND_` settings hold for them too. The hosts of AWS begin with the bucket's name. `*` is every host at a public address.",
    parse: parse.hosts,
  }),
};
