/** Where an archive keeps a product, by the product's name: templates that are filled from the parts of the name. */

/** Placeholders of a template that a name can fill. */
export const placeholders = [
  'name',
  'satellite',
  'level',
  'yyyy',
  'mm',
  'dd',
  'tile',
  'path',
  'row',
  'collection',
  'number',
] as const;

/** The trees of Copernicus (eodata) and of USGS (`s3://usgs-landsat`). */
export const defaultLayouts: readonly string[] = [
  'Sentinel-2/MSI/{level}/{yyyy}/{mm}/{dd}/{name}.SAFE',
  'Sentinel-2/MSI/{level}_N0500/{yyyy}/{mm}/{dd}/{name}.SAFE',
  'Landsat-{satellite}/OLI_TIRS/{level}/{yyyy}/{mm}/{dd}/{name}',
  'Landsat-{satellite}-ESA/OLI_TIRS/{level}/{yyyy}/{mm}/{dd}/{name}',
  'collection{collection}/level-{number}/standard/oli-tirs/{yyyy}/{path}/{row}/{name}',
];

/**
 * Sentinel-2 Products Specification Document: `S2A_MSIL1C_20240305T104819_N0510_R051_T31TCJ_20240305T125347`;
 * Landsat 8-9 Data Format Control Book: `LC09_L1TP_016037_20220819_20230401_02_T1`.
 */
const sentinel2Name =
  /^S2[A-D]_MSI(?<level>L1C|L2A)_(?<yyyy>\d{4})(?<mm>\d\d)(?<dd>\d\d)T\d{6}_N\d{4}_R\d{3}_T(?<tile>\d\d[A-Z]{3})_\d{8}T\d{6}$/;
const landsatName =
  /^L[COT]0(?<satellite>[89])_(?<level>L(?<number>[12])[A-Z]{2})_(?<path>\d{3})(?<row>\d{3})_(?<yyyy>\d{4})(?<mm>\d\d)(?<dd>\d\d)_\d{8}_(?<collection>\d\d)_(?:T1|T2|RT)$/;

/**
 * Relative paths at which a product may lie below an archive, in the order of the layouts; none when `text` is not a
 * product's name. The name may end with `.SAFE`.
 */
export function placesOf(text: string, layouts: readonly string[]): string[] {
  const name = text.replace(/\.SAFE$/, '');
  const values = valuesOf(name);
  if (values === undefined) return [];
  return layouts.flatMap((layout) => fill(layout, { ...values, name }) ?? []);
}

/** Whether a text is the name of a product, as the missions give them; it may end with `.SAFE`. */
export function isProductName(text: string): boolean {
  return valuesOf(text.replace(/\.SAFE$/, '')) !== undefined;
}

function valuesOf(name: string): Readonly<Record<string, string>> | undefined {
  return (sentinel2Name.exec(name) ?? landsatName.exec(name))?.groups;
}

/** Undefined where the name does not say what the template wants. */
function fill(layout: string, values: Readonly<Record<string, string>>): string | undefined {
  const missing = [...layout.matchAll(/\{(\w+)\}/g)].some(
    ([, key = '']) => !Object.hasOwn(values, key),
  );
  if (missing) return undefined;
  return layout.replaceAll(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '');
}
