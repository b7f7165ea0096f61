/** Which code belongs to which process. Code is imported only when it is used: this file loads none of it. */
import type { ChildSettings } from '../jobs/child-protocol.ts';
import type { Implementation } from './process.ts';

type Load = (settings: ChildSettings) => Promise<Implementation>;

export const implementations: Readonly<Record<string, Load>> = {
  echo: async () => (await import('./implementations/echo.ts')).echo,
  'senseiv2-cloudmask': async (settings) =>
    (await import('./implementations/cloudmask.ts')).cloudMaskImplementation(settings),
};
