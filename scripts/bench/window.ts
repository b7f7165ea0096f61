/** One window of a real scene in memory, with everything that the network gets. */
import { descriptorVector } from '../../src/cloudmask/embedding/descriptors.ts';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import { Scene } from '../../src/cloudmask/scene.ts';
import { configuration } from './official-architecture.ts';

export interface SampleWindow {
  readonly bands: number;
  /** Pixels of a band. */
  readonly plane: number;
  /** bands × plane: some bands in whole digital numbers, some interpolated from coarser ones. */
  readonly values: Float32Array<ArrayBuffer>;
  /** bands × size of a descriptor. */
  readonly descriptors: Float32Array<ArrayBuffer>;
}

/** Reads the window whose upper left pixel lies at `corner` along both axes. */
export async function sampleWindow(product: string, corner: number): Promise<SampleWindow> {
  const { patch, sensei } = configuration;
  const { embeddings, size } = sensei.descriptors;
  const opened = await openProduct(product);
  const scene = await Scene.open(opened);
  try {
    const bands = opened.bands.length;
    const plane = patch * patch;
    const indices = Uint32Array.from({ length: patch }, (_, i) => corner + i);
    const values = new Float32Array(bands * plane);
    await scene.load(corner, corner + patch - 1);
    scene.cut(indices, indices, values);
    const descriptors = new Float32Array(bands * size);
    for (const [index, band] of opened.bands.entries()) {
      descriptors.set(descriptorVector(band.descriptor, embeddings, size), index * size);
    }
    return { bands, plane, values, descriptors };
  } finally {
    scene.close();
  }
}
