/** Rules of `senseiv2-cloudmask` that JSON Schema cannot say. */
import { AddressNotAllowed, ProductRefused, type InputFault } from '../errors.ts';
import { resolvedFaults } from '../delivery/destination.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import { checkProduct, type ProductPlaces } from '../sources/product-gate.ts';
import { cloudMaskCost } from './cloudmask-cost.ts';
import { cloudMaskDestination } from './cloudmask-delivery.ts';
import type { InputRules, Inputs } from './process.ts';

/** Inputs that say where a PRIVATE result goes. */
export const deliveryInputs: readonly string[] = [
  's3_endpoint_url',
  's3_region',
  's3_bucket',
  's3_prefix',
  's3_access_key',
  's3_secret_key',
];
export const requiredForDelivery: readonly string[] = [
  's3_bucket',
  's3_access_key',
  's3_secret_key',
];

/** The rules, for a server that gets products from `places` and delivers results to where `delivery` allows it. */
export function cloudMaskRules(places: ProductPlaces, delivery: OutboundPolicy): InputRules {
  return {
    processId: 'senseiv2-cloudmask',
    async check(inputs) {
      return [...(await storageFaults(inputs, delivery)), ...(await productFaults(inputs, places))];
    },
    cost: cloudMaskCost,
  };
}

async function productFaults(inputs: Inputs, places: ProductPlaces): Promise<InputFault[]> {
  try {
    await checkProduct(inputs['product'] ?? null, places);
    return [];
  } catch (error) {
    if (!(error instanceof ProductRefused || error instanceof AddressNotAllowed)) throw error;
    return [{ input: 'product', message: error.message }];
  }
}

/** Values of `s3_*` inputs are never quoted: two of them are secrets, and the others tell about them. */
async function storageFaults(inputs: Inputs, delivery: OutboundPolicy): Promise<InputFault[]> {
  // A storage that does not exist is a fault of its own, and says nothing about the keys.
  if (inputs['output_storage'] === undefined) return [];
  const given = deliveryInputs.filter((id) => inputs[id] !== undefined);
  if (inputs['output_storage'] !== 'PRIVATE') {
    return given.map((input) => ({
      input,
      message: 'given with output_storage TEMPORARY; accepted: only with output_storage PRIVATE',
    }));
  }
  const missing = requiredForDelivery.filter((id) => !given.includes(id));
  const destination = missing.length === 0 ? cloudMaskDestination(inputs) : undefined;
  return [
    ...missing.map((input) => ({
      input,
      message: 'missing; required with output_storage PRIVATE',
    })),
    ...(destination === undefined ? [] : await resolvedFaults(destination, delivery)),
  ];
}
