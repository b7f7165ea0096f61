/** What the contract suite has to know of a kind of product: a row of the table in `kinds.ts`. */

/** How a run on a product ends. */
export type Ending =
  | { readonly kind: 'refused'; readonly message: RegExp }
  /** With exactly these warnings. */
  | { readonly kind: 'masked'; readonly warnings: readonly RegExp[] };

/** Refused with a message that names the file and what is wrong. */
export function refused(message: RegExp): Ending {
  return { kind: 'refused', message };
}

/** Masked, with these warnings. */
export function masked(...warnings: readonly RegExp[]): Ending {
  return { kind: 'masked', warnings };
}

/** One folder below `../shared/products`. */
export interface FolderUnderTest {
  /** Path below `../shared/products`. */
  readonly path: string;
  /** Why it is refused as it is; absent: it is masked. */
  readonly refusal?: RegExp;
  /** Mends a copy of a refused folder so that it can be masked all the same. */
  readonly mend?: (folder: string) => void;
  /** Rows and columns of the mask, mended or as it is; absent: there is none. */
  readonly size?: readonly [rows: number, columns: number];
  /** Values of single pixels; absent where nobody computed them. */
  readonly pixels?: (folder: string) => ReferencePixels;
  /** Name of the scene in `../shared/reference/golden`, and the strides of which there are masks. */
  readonly golden?: { readonly scene: string; readonly strides: readonly number[] };
}

/** A value that was computed independently of us. */
export interface ReferencePixel {
  readonly row: number;
  readonly col: number;
  readonly dn: number;
  /** Null where there is no data. */
  readonly reflectance?: number | null;
  readonly bt_normalised?: number;
}

export interface ReferencePixels {
  readonly tolerance: number;
  readonly pixels: readonly {
    readonly bands: Readonly<Record<string, ReferencePixel>>;
  }[];
}

/** What the reference data expect of an original metadata document. */
export type ExpectedDocument = Readonly<Record<string, unknown>>;

/** Original metadata documents below `../shared/products/metadata-only`. */
export interface DocumentsUnderTest {
  readonly count: number;
  /** Whether a document belongs to this kind. */
  includes(path: string, expected: ExpectedDocument): boolean;
  /** What our readers find in a document, and what is expected, in the same form. */
  read(file: string, expected: ExpectedDocument): Promise<{ found: unknown; wanted: unknown }>;
  /** Beginning of a document's name → why a folder with it alone is refused. */
  readonly alone: readonly (readonly [start: string, message: RegExp])[];
}

export interface KindUnderTest {
  /** For people. */
  readonly title: string;
  /** `kind` of its products. */
  readonly kind: string;
  readonly bands: number;
  /** Whether the models that are known were trained with it. */
  readonly isWithinTraining: boolean;
  /** What a pixel without data enters the network as. */
  readonly noDataValue: number;
  /** Largest difference to what enters the reference's network. */
  readonly sceneTolerance: number;
  /** Every folder of the kind that there is. */
  readonly folders: readonly FolderUnderTest[];
  /** Two processings of one scene (paths of their folders), and the share of pixels in which their masks agree; absent: there are none. */
  readonly twins?: { readonly paths: readonly [string, string]; readonly share: number };
  /** 1 where a folder has data, in rows from north to south. */
  hasData(folder: string): Uint8Array;
  /** A small product in a fresh folder below `parent`, to be damaged: answers its path. */
  copySample(parent: string): string;
  /** Path of a sample's band below its folder: green, on the finest grid. */
  readonly bandFile: RegExp;
  /** Names of its metadata files at the top. */
  readonly metadataFile: RegExp;
  /** Paths of all metadata files, for what editors and archives do to them. */
  readonly metadataFiles: RegExp;
  /** Paths of what a product may lack. */
  readonly optionalFiles: RegExp;
  /** Case of `../shared/products/broken` → how it ends. */
  readonly broken: Readonly<Record<string, Ending>>;
  /** Absent: there are no original documents without images. */
  readonly documents?: DocumentsUnderTest;
}
