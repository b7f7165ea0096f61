/** A child whose decoder never comes back: GDAL opens what somebody else would have to write first. */
import gdal from 'gdal-async';
import { serveAsChild, tell } from '../../src/jobs/child-side.ts';

serveAsChild(async (order) => {
  if (order.kind !== 'run') return;
  tell.progress(1, 'Decoding');
  gdal.open(order.inputs['file'] as string, 'r', 'GTiff');
});
