/** How to open a result elsewhere. */
import { hrefOf } from '../../results-document.ts';
import { card, snippet } from '../marks.ts';
import { html, type Html } from '../template.ts';
import type { ResultsPage } from './results-page.ts';

/** For the mask; without one, how a program gets the results. */
export function useCard({ job, ids, links }: ResultsPage): Html {
  const mask = job.results['cloud_mask'];
  if (mask?.kind === 'delivered') {
    const gdal = `gdalinfo '${mask.uri.replace('s3://', '/vsis3/')}'`;
    return card(
      'use',
      'Open with GDAL',
      html`<p>With your keys and endpoint in <code>AWS_ACCESS_KEY_ID</code>, <code>AWS_SECRET_ACCESS_KEY</code> and <code>AWS_S3_ENDPOINT</code>:</p>${snippet('gdal', 'GDAL command', gdal)}`,
    );
  }
  if (mask?.kind !== 'file' || !ids.includes('cloud_mask')) {
    const curl = `curl '${links.results(job.id)}'`;
    return card('use', 'The same by API', snippet('curl', 'curl command', curl));
  }
  const href = hrefOf(links, job.id, 'cloud_mask', mask);
  return card(
    'use',
    'Open in QGIS, GDAL, Python',
    html`<details open><summary>QGIS</summary><p>Layer › Add Layer › Add Raster Layer › Protocol: HTTP(S), and this address. Nothing is downloaded but what you look at.</p>${snippet('qgis', 'Address for QGIS', href)}</details>
<details><summary>GDAL</summary>${snippet('gdal', 'GDAL command', `gdalinfo '/vsicurl/${href}'`)}</details>
<details><summary>Python (rasterio)</summary>${snippet('python', 'Python example', `import rasterio\nmask = rasterio.open('${href}')`)}</details>`,
  );
}
