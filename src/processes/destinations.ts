/** Which process lets its user say where the results go. */
import type { Destination } from '../delivery/destination.ts';
import { cloudMaskDestination } from './cloudmask-delivery.ts';
import type { Inputs } from './process.ts';

const destinations: Readonly<Record<string, (inputs: Inputs) => Destination | undefined>> = {
  'senseiv2-cloudmask': cloudMaskDestination,
};

/** The bucket of the user that shall have the results; undefined where this server keeps them. */
export function destinationOf(processId: string, inputs: Inputs): Destination | undefined {
  return destinations[processId]?.(inputs);
}
