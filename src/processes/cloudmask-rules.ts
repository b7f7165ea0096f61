/** Rules of `senseiv2-cloudmask` that JSON Schema cannot say. */
import type { InputFault } from '../errors.ts';
import type { InputRules, Inputs } from './process.ts';
import { resolveProduct } from './product-path.ts';

const s3Inputs = [
  's3_endpoint_url',
  's3_region',
  's3_bucket',
  's3_prefix',
  's3_access_key',
  's3_secret_key',
];
const requiredForPrivate = ['s3_bucket', 's3_access_key', 's3_secret_key'];

/** The rules, for a server whose products lie below `productRoots`. */
export function cloudMaskRules(productRoots: readonly string[]): InputRules {
  return {
    processId: 'senseiv2-cloudmask',
    async check(inputs) {
      return [...storageFaults(inputs), ...(await productFaults(inputs, productRoots))];
    },
  };
}

async function productFaults(inputs: Inputs, roots: readonly string[]): Promise<InputFault[]> {
  const product = await resolveProduct(inputs['product'] ?? null, roots);
  return product.kind === 'found' ? [] : [{ input: 'product', message: product.message }];
}

/** Values of `s3_*` inputs are never quoted: two of them are secrets, and the others tell about them. */
function storageFaults(inputs: Inputs): InputFault[] {
  // A storage that does not exist is a fault of its own, and says nothing about the keys.
  if (inputs['output_storage'] === undefined) return [];
  const given = s3Inputs.filter((id) => inputs[id] !== undefined);
  if (inputs['output_storage'] !== 'PRIVATE') {
    return given.map((input) => ({
      input,
      message: 'given with output_storage TEMPORARY; accepted: only with output_storage PRIVATE',
    }));
  }
  const missing = requiredForPrivate.filter((id) => !given.includes(id));
  return [
    ...missing.map((input) => ({
      input,
      message: 'missing; required with output_storage PRIVATE',
    })),
    {
      input: 'output_storage',
      message:
        'found "PRIVATE"; delivery to a user\'s bucket is not available in this version; use TEMPORARY',
    },
  ];
}
