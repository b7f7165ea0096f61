/** Brings the product of a cloud mask from elsewhere. Runs in the transfer child only. */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TransferSettings } from '../../jobs/child-protocol.ts';
import { OutboundClient } from '../../outbound/client.ts';
import { bringProduct } from '../../sources/bring-product.ts';
import { Buckets, Meter } from '../../sources/bringing.ts';
import { Budget } from '../../sources/budget.ts';
import type { Bringer } from '../process.ts';

export function cloudMaskBringer({ places, maxBytes }: TransferSettings): Bringer {
  return {
    processId: 'senseiv2-cloudmask',
    async bring(inputs, { directory, signal, progress }) {
      const target = join(directory, 'product');
      await mkdir(target, { mode: 0o700 });
      const client = new OutboundClient(places.outbound);
      const buckets = new Buckets(places);
      try {
        const folder = await bringProduct(inputs['product'], {
          places,
          client,
          buckets,
          budget: new Budget(maxBytes),
          directory: target,
          signal,
          meter: new Meter(progress),
        });
        return { product: relative(directory, folder) };
      } finally {
        buckets.close();
        await client.close();
      }
    },
  };
}
