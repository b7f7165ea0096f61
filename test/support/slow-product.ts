/** A web server whose archive never ends: transfers of it are under way until something happens. */
import type { ServerResponse } from 'node:http';
import { landsatFiles } from './small-product.ts';
import { tarMember, tarOf } from './tar-writer.ts';
import { withTreeServer, type TreeServer } from './tree-server.ts';

export interface SlowProduct {
  readonly origin: string;
  /** Sends what is missing: to those that wait, and from now on all to everybody. */
  finish(): void;
  /** Sends some more to those that wait. */
  more(): void;
  /** Connections at which something is still expected. */
  waiting(): number;
}

/** Metadata and a band, and then nothing for a long time. */
const start = Buffer.concat(landsatFiles().slice(0, 3).map(tarMember));
const rest = Buffer.concat(landsatFiles().slice(3).map(tarMember));
const whole = tarOf(landsatFiles());

/** Serves `/slow.tar` below a folder while `use` runs. */
export async function withSlowProduct<T>(
  folder: string,
  use: (product: SlowProduct) => Promise<T>,
): Promise<T> {
  const open = new Set<ServerResponse>();
  let isWhole = false;
  const first = (request: { url?: string | undefined }, response: ServerResponse): boolean => {
    if (request.url !== '/slow.tar') return false;
    if (isWhole) {
      response.end(whole);
      return true;
    }
    open.add(response);
    response.on('close', () => open.delete(response));
    response.write(start);
    return true;
  };
  return withTreeServer(folder, { first }, (web: TreeServer) =>
    use({
      origin: web.origin,
      finish: () => {
        isWhole = true;
        for (const response of open) response.end(whole.subarray(start.length));
      },
      more() {
        for (const response of open) response.write(rest);
      },
      waiting: () => open.size,
    }),
  );
}
