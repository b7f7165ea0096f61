/** Which code brings the inputs of which process. Code is imported only when it is used: this file loads none of it. */
import type { TransferSettings } from '../jobs/child-protocol.ts';
import type { Bringer } from './process.ts';

type Load = (settings: TransferSettings) => Promise<Bringer>;

export const bringers: Readonly<Record<string, Load>> = {
  'senseiv2-cloudmask': async (settings) =>
    (await import('./implementations/cloudmask-bringer.ts')).cloudMaskBringer(settings),
};
