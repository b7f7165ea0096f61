/** What the children of this server run, and what they are told of its configuration. */
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { childEnvironment, transferEnvironment } from './config/child-environment.ts';
import type { Config } from './config/config.ts';
import type { ChildProgram } from './jobs/child-handle.ts';
import { findFileLimit, findIsolation, findMortality, largestFileBytes } from './jobs/isolation.ts';
import type { Log } from './log.ts';
import type { OutboundPolicy } from './outbound/policy.ts';
import type { ProductPlaces } from './sources/product-gate.ts';
import type { ChildSettings, TransferSettings } from './jobs/child-protocol.ts';

const MiB = 1024 * 1024;

export interface ChildPrograms {
  /** Runs the implementation of a process, without network. */
  readonly job: ChildProgram;
  /** Brings what inputs name from elsewhere: it has the network. */
  readonly transfer: ChildProgram;
}

/** The programs, started with as little as this system lets us give them; what it does not is logged. */
export async function childPrograms({ productMb }: Config, log: Log): Promise<ChildPrograms> {
  const found = [findIsolation(log), findFileLimit(log), findMortality()] as const;
  const [isolated, limited, mortal] = await Promise.all(found);
  return {
    job: {
      file: programFile('job-child'),
      environment: childEnvironment(),
      launcher: [...limited(largestFileBytes), ...isolated, ...mortal],
    },
    transfer: {
      file: programFile('transfer-child'),
      environment: transferEnvironment(),
      launcher: [...limited(productMb * MiB), ...mortal],
    },
  };
}

/** Files of all programs that children of this server run. */
export function programFiles(): readonly string[] {
  return ['job-child', 'transfer-child'].map(programFile);
}

/** A child's program has the extension of this one: sources or built. */
function programFile(name: string): string {
  return join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);
}

export function childSettings(config: Config): ChildSettings {
  return {
    modelsDirectory: config.modelsDirectory,
    modelId: config.modelId,
    modelDevice: config.modelDevice,
    threads: Math.max(1, Math.floor(availableParallelism() / Math.max(1, config.maxRunningJobs))),
    localPlaces: { roots: config.productRoots, layouts: config.productLayouts },
  };
}

export function transferSettings(config: Config): TransferSettings {
  return {
    places: productPlaces(config),
    maxBytes: config.productMb * MiB,
    delivery: deliveryPolicy(config),
  };
}

/** Where the server may post callbacks to. */
export function callbackPolicy(config: Config): OutboundPolicy {
  return { ...productPlaces(config).outbound, allowedHosts: config.callbackHosts };
}

/** Where results of users may be delivered to. */
export function deliveryPolicy(config: Config): OutboundPolicy {
  return { ...productPlaces(config).outbound, allowedHosts: config.deliveryHosts };
}

/** Where the server may get products from. */
export function productPlaces(config: Config): ProductPlaces {
  return {
    roots: config.productRoots,
    layouts: config.productLayouts,
    outbound: {
      allowedHosts: config.outboundHosts,
      deniedHosts: config.outboundDeniedHosts,
      trustedOrigins: config.outboundTrustedOrigins,
      ports: config.outboundPorts,
    },
    buckets: config.buckets,
  };
}
