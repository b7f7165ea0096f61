/** The two YAML files of a SEnSeIv2 model, as far as inference needs them. */

/** `config.yaml` and the SEnSeIv2 file that it names, checked. */
export interface ModelConfiguration {
  /** NAME */
  readonly name: string;
  /** PATCH_SIZE in pixels. */
  readonly patch: number;
  /** CLASSES */
  readonly classes: number;
  /** SEGFORMER_CONFIG, for example `nvidia/mit-b2`. */
  readonly segmenter: string;
  readonly sensei: SenseiConfiguration;
}

/** Blocks of the SEnSeIv2 file in order: GLOBAL_STATS?, FCL, ATTENTION?, BAND_EMBEDDING. */
export interface SenseiConfiguration {
  /** Base name of the file without extension: `senseiv2-medium`. */
  readonly name: string;
  readonly descriptors: {
    readonly style: 'SEnSeIv2';
    readonly embeddings: number;
    readonly size: number;
  };
  readonly blocks: readonly SenseiBlock[];
}

export type SenseiBlock =
  | { readonly type: 'GLOBAL_STATS'; readonly percentiles: readonly number[] }
  | { readonly type: 'FCL'; readonly layerSizes: readonly number[]; readonly skipsAdd: boolean }
  | {
      readonly type: 'ATTENTION';
      readonly layers: number;
      readonly heads: number;
      readonly dimensionsPerHead: number;
      readonly intermediateSize: number;
    }
  | {
      readonly type: 'BAND_EMBEDDING';
      readonly dimensions: number;
      readonly headLayerSizes: readonly number[];
      readonly normalize: boolean;
    };
