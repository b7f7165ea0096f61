/** What the network is told about a band: its spectral range, and whether it is reflectance or temperature. */

export interface BandDescriptor {
  readonly kind: 'TOA Reflectance' | 'TOA Normalised Brightness Temperature';
  /** Edges of the spectral range in nm. */
  readonly minimum: number;
  readonly maximum: number;
}

/** Base of the geometric row of wavelengths. */
const base = 10_000;
/** Slots behind the two wavelength encodings. */
const opticalSlot = 0;
const temperatureSlot = 3;

/**
 * The descriptor vector: a positional encoding of either edge (sine on even, cosine on odd slots), then
 * flags for the sensor. Computed in float64, stored as float32.
 * @param embeddings slots for each edge (32)
 * @param size length of the vector (74)
 */
export function descriptorVector(
  band: BandDescriptor,
  embeddings: number,
  size: number,
): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(size);
  for (let slot = 0; slot < embeddings; slot++) {
    const scale = base ** ((2 * slot) / embeddings);
    const wave = slot % 2 === 0 ? Math.sin : Math.cos;
    vector[slot] = wave(band.minimum / scale);
    vector[embeddings + slot] = wave(band.maximum / scale);
  }
  vector[2 * embeddings + opticalSlot] = 1;
  if (band.kind === 'TOA Normalised Brightness Temperature') {
    vector[2 * embeddings + temperatureSlot] = 1;
  }
  return vector;
}
