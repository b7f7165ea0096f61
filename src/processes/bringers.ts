/**
 * Which process has inputs that may lie elsewhere, and which code brings them. That code is imported only when it is used:
 * this file loads none of it.
 */
import type { TransferSettings } from '../jobs/child-protocol.ts';
import { isFar } from '../sources/product-gate.ts';
import type { Bringer, Inputs } from './process.ts';

interface Bringing {
  /** Whether something has to be brought before these inputs can be run. */
  readonly isNeeded: (inputs: Inputs, settings: TransferSettings) => Promise<boolean>;
  readonly load: (settings: TransferSettings) => Promise<Bringer>;
}

export const bringers: Readonly<Record<string, Bringing>> = {
  'senseiv2-cloudmask': {
    isNeeded: (inputs, { places }) => isFar(inputs['product'], places),
    load: async (settings) =>
      (await import('./implementations/cloudmask-bringer.ts')).cloudMaskBringer(settings),
  },
};
