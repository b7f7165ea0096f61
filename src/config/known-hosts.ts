/** Public catalogues and archives of the missions: what `OUTBOUND_HOSTS` is unless the operator says otherwise. */
export const knownHosts: readonly string[] = [
  // Copernicus Data Space Ecosystem and CREODIAS
  '*.dataspace.copernicus.eu',
  '*.creodias.eu',
  // USGS
  'landsatlook.usgs.gov',
  // Earth Search and the open buckets of its Items
  'earth-search.aws.element84.com',
  'sentinel-cogs.s3.us-west-2.amazonaws.com',
  'e84-earth-search-sentinel-data.s3.us-west-2.amazonaws.com',
  // Planetary Computer
  'planetarycomputer.microsoft.com',
  'sentinel2l2a01.blob.core.windows.net',
  'landsateuwest.blob.core.windows.net',
];
