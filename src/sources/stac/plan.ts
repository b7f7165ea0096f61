/** What is to be fetched for a STAC Item, and what the Item says of it. Plain data, made without any request. */
import type { BandProduct } from '../../cloudmask/products/band-document.ts';
import type { Acquisition } from '../../cloudmask/products/product.ts';

export type ItemKind = 's2-l1c' | 's2-l2a' | 'landsat-l1' | 'landsat-l2';

/** What an Item states of the values of a band: value = DN · scale + offset. */
export interface StatedScale {
  readonly scale?: number;
  readonly offset?: number;
}

export interface PlannedBand {
  /** Name of the band in the pipeline: `B02`, `SR_B2`, `ST_B10`. */
  readonly id: string;
  /** Key of the asset. */
  readonly asset: string;
  /** Absolute URL: https, http or s3. */
  readonly href: string;
  /** Other URLs of the same file. */
  readonly alternates: readonly string[];
  /** Nominal pixel size in m. */
  readonly resolution: number;
  /** Rows and columns, where the Item states them of the asset. */
  readonly shape?: readonly [rows: number, columns: number];
  readonly stated: StatedScale;
  /** An untouched file of the agency although the Item's flag speaks of converted ones (`…-jp2` of Earth Search). */
  readonly isOriginal: boolean;
}

export interface PlannedMetadata {
  readonly form: 'mtd' | 'mtl-txt' | 'mtl-json' | 'mtl-xml';
  readonly href: string;
  readonly alternates: readonly string[];
  /** Without it there is no radiometry. Otherwise it only confirms what the Item says, and may be left out. */
  readonly isNeeded: boolean;
}

export interface ItemPlan {
  readonly kind: ItemKind;
  readonly id: string;
  readonly acquisition: Acquisition;
  /** `EPSG:32633`, where the Item states it. The files decide. */
  readonly crs?: string;
  /** In the order of the network. */
  readonly bands: readonly PlannedBand[];
  /** Landsat's QA_PIXEL, which tells where there is no data. */
  readonly quality?: { readonly href: string; readonly alternates: readonly string[] };
  readonly metadata?: PlannedMetadata;
  /** Sentinel-2: processing baseline, `05.10`. */
  readonly baseline?: string;
  /** Sentinel-2: `earthsearch:boa_offset_applied`. */
  readonly isOffsetApplied?: boolean;
}

/** An Item whose radiometry is known for certain: what `bands.json` says beside the files. */
export type SettledItem = BandProduct;

interface Located {
  readonly href: string;
  readonly alternates: readonly string[];
}

/**
 * The plan with another address for each file that has one which is better. Archives name two places of the same file: one
 * behind a login for people, and one in a bucket.
 */
export function preferring(plan: ItemPlan, isBetter: (href: string) => boolean): ItemPlan {
  const prefer = <File extends Located>(file: File): File => {
    const { href, alternates } = file;
    const better = [href, ...alternates].find(isBetter) ?? href;
    const others = [href, ...alternates].filter((one) => one !== better);
    return { ...file, href: better, alternates: others };
  };
  return {
    ...plan,
    bands: plan.bands.map(prefer),
    ...(plan.quality && { quality: prefer(plan.quality) }),
    ...(plan.metadata && { metadata: prefer(plan.metadata) }),
  };
}

/** Every URL that fetching a plan asks for: bands, quality band and metadata. */
export function hrefsOf(plan: ItemPlan): readonly string[] {
  return [...plan.bands, plan.quality, plan.metadata].flatMap((part) =>
    part === undefined ? [] : [part.href],
  );
}
