/** The result as a STAC Item (STAC 1.1), so that catalogues and workflow engines can take it on. */
import { footprint } from '../../raster/footprint.ts';
import { geoTransform } from '../../raster/grid.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { version } from '../../version.ts';
import { noData } from '../postprocess/classify.ts';
import type { Style } from '../postprocess/styles.ts';
import type { Product } from '../products/product.ts';
import { outputMediaTypes, type OutputFiles, type OutputName } from './output-files.ts';
import type { Statistics } from './statistics.ts';

const schema = (extension: string): string =>
  `https://stac-extensions.github.io/${extension}/schema.json`;

/** Only what the Item really uses. */
function extensions({ statistics, product }: ItemSource): string[] {
  const { cloud_cover: cover, parameters } = statistics;
  return [
    schema('projection/v2.0.0'),
    schema('processing/v1.2.0'),
    ...(cover === undefined ? [] : [schema('eo/v2.0.0')]),
    ...(parameters.categorise ? [schema('classification/v2.0.0')] : []),
    ...(product.acquisition.sunElevation === undefined ? [] : [schema('view/v1.0.0')]),
  ];
}

export interface ItemSource {
  readonly product: Product;
  readonly style: Style;
  readonly manifest: ModelManifest;
  readonly statistics: Statistics;
  readonly files: OutputFiles;
  /** Absolute URL (no slash at its end) or `.` below which the files are found. */
  readonly filesUrl: string;
  /** Outputs that are delivered: only those can be assets. */
  readonly outputs: readonly OutputName[];
  /** RFC 3339, UTC. */
  readonly created: string;
}

/** Builds the Item; links of its assets are `<filesUrl>/<file name>`. */
export function stacItem(source: ItemSource): Record<string, unknown> {
  const { product, filesUrl } = source;
  const { geometry, bbox } = footprint(product.grid);
  return {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: extensions(source),
    id: `${product.id}_cloud_mask`,
    geometry,
    bbox,
    properties: properties(source),
    links: [
      {
        rel: 'self',
        href: `${filesUrl}/${source.files.item}`,
        type: outputMediaTypes.item,
      },
      { rel: 'derived_from', href: `urn:eo:product:${product.id}`, title: product.id },
    ],
    assets: assets(source),
  };
}

function properties({
  product,
  manifest,
  statistics,
  created,
}: ItemSource): Record<string, unknown> {
  const { acquisition, grid } = product;
  const { sunElevation, sunAzimuth } = acquisition;
  const { within_training: isWithin, warnings } = statistics;
  return {
    title: `Cloud mask of ${product.id}`,
    ...(warnings === undefined ? {} : { description: warnings.join(' ') }),
    datetime: acquisition.datetime,
    created,
    platform: acquisition.platform,
    constellation: acquisition.constellation,
    instruments: acquisition.instruments,
    ...(statistics.cloud_cover === undefined ? {} : { 'eo:cloud_cover': statistics.cloud_cover }),
    ...(sunElevation === undefined ? {} : { 'view:sun_elevation': sunElevation }),
    ...(sunAzimuth === undefined ? {} : { 'view:sun_azimuth': sunAzimuth }),
    'proj:code': grid.crs,
    'proj:shape': [grid.height, grid.width],
    'proj:transform': affine(geoTransform(grid)),
    ...(isWithin === undefined ? {} : { 'senseiv2:within_training': isWithin }),
    'processing:level': 'L2',
    'processing:software': { 'senseiv2-cloudmask-server': version },
    'processing:lineage':
      `SEnSeIv2 cloud mask of ${product.id} (${acquisition.processingLevel}, processing version ${acquisition.processingVersion}) ` +
      `with model ${manifest.id} (SHA-256 ${statistics.model.sha256}, ${manifest.licence}), ` +
      `stride ${statistics.parameters.stride}`,
  };
}

/** GDAL's order (x0, dx, rx, y0, ry, dy) → the projection extension's (dx, rx, x0, ry, dy, y0). */
function affine([x0, dx, rx, y0, ry, dy]: readonly number[]): (number | undefined)[] {
  return [dx, rx, x0, ry, dy, y0];
}

function assets(source: ItemSource): Record<string, unknown> {
  const { files, filesUrl, style, statistics, outputs } = source;
  const asset = (name: OutputName, title: string, roles: string[]): Record<string, unknown> => ({
    href: `${filesUrl}/${files[name]}`,
    type: outputMediaTypes[name],
    title,
    roles,
  });
  const all = {
    cloud_mask: {
      ...asset('cloud_mask', 'Cloud mask', ['data', 'cloud']),
      ...(statistics.parameters.categorise ? classBand(style) : percentBands(style)),
    },
    true_colour: asset('true_colour', 'True-colour picture', ['overview']),
    preview: asset('preview', 'Preview', ['thumbnail']),
    statistics: asset('statistics', 'Statistics', ['metadata']),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => outputs.includes(name as OutputName)),
  );
}

function classBand(style: Style): Record<string, unknown> {
  return {
    bands: [{ name: 'cloud_mask', description: `Classes of the style ${style.name}` }],
    nodata: noData,
    data_type: 'uint8',
    'classification:classes': style.classes.map(({ value, name, colour }) => ({
      value,
      name: name.replaceAll(' ', '_'),
      title: name,
      color_hint: colour.slice(1).toUpperCase(),
    })),
  };
}

function percentBands(style: Style): Record<string, unknown> {
  return {
    bands: style.classes.map(({ name }) => ({ name: name.replaceAll(' ', '_'), unit: '%' })),
    nodata: noData,
    data_type: 'uint8',
  };
}
