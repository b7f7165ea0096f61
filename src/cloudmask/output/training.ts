/** Whether a product is one of those that the model was trained with: the model says which, the product what it is. */
import type { ModelManifest } from '../../models/manifest.ts';
import type { Product } from '../products/product.ts';

/** Whether the model was trained with products of this one's level; undefined where the model does not say. */
export function isWithinTraining(product: Product, manifest: ModelManifest): boolean | undefined {
  const { processingLevel } = product.acquisition;
  return manifest.trained_on?.some((level) => processingLevel.startsWith(level));
}

/** What a user should know of a mask of this product by this model; empty when all is well. */
export function warningsOf(product: Product, manifest: ModelManifest): readonly string[] {
  if (isWithinTraining(product, manifest) !== false) return product.warnings;
  const { processingLevel } = product.acquisition;
  const levels = manifest.trained_on?.join(', ');
  return [
    `The product is of level ${processingLevel}, but the model ${manifest.id} was trained with products of level ` +
      `${levels} only: the mask is outside its training, usually poorer, and should be checked.`,
    ...product.warnings,
  ];
}
