/** The files of a result: their names and media types. */

export type OutputName = 'cloud_mask' | 'statistics' | 'preview' | 'item' | 'true_colour';
export type OutputFiles = Readonly<Record<OutputName, string>>;

export const outputMediaTypes: Readonly<Record<OutputName, string>> = {
  cloud_mask: 'image/tiff; application=geotiff; profile=cloud-optimized',
  statistics: 'application/json',
  preview: 'image/png',
  item: 'application/geo+json',
  true_colour: 'image/webp',
};

/** File names of a product's result, which begin with the product's name so that downloads tell what they are. */
export function outputFiles(productId: string): OutputFiles {
  return {
    cloud_mask: `${productId}_cloud_mask.tif`,
    statistics: `${productId}_statistics.json`,
    preview: `${productId}_preview.png`,
    item: `${productId}_item.json`,
    true_colour: `${productId}_true_colour.webp`,
  };
}
