/** What pages load besides themselves. */
export const assetNames = {
  style: 'style.css',
  icon: 'icon.svg',
  example: 'example.webp',
  page: 'page.js',
  form: 'form.js',
  job: 'job.js',
  map: 'map.js',
} as const;

export type AssetName = keyof typeof assetNames;
