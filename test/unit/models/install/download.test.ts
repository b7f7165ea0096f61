import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download, type DownloadRequest } from '../../../../src/models/install/download.ts';
import { withFolder } from '../../../support/folder.ts';
import {
  withFileServer,
  type FileServer,
  type FileServerOptions,
} from '../../../support/http-file-server.ts';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 251));

interface Run {
  readonly server: FileServer;
  readonly part: string;
  readonly notices: string[];
  readonly progress: number[];
  /** Downloads; the request can be changed. */
  readonly fetch: (change?: Partial<DownloadRequest>) => Promise<void>;
}

function withDownload<T>(options: FileServerOptions, use: (run: Run) => Promise<T>): Promise<T> {
  return withFolder((folder) =>
    withFileServer(content, options, (server) => {
      const part = join(folder, 'x.part');
      const notices: string[] = [];
      const progress: number[] = [];
      const fetch = (change: Partial<DownloadRequest> = {}): Promise<void> =>
        download({
          url: server.url,
          part,
          bytes: content.length,
          maxBytes: 1e6,
          signal: new AbortController().signal,
          progress: ({ received }) => progress.push(received),
          notice: (message) => notices.push(message),
          idleMs: 200,
          retryDelaysMs: [1, 1, 1],
          ...change,
        });
      return use({ server, part, notices, progress, fetch });
    }),
  );
}

const arrived = async ({ part }: Run): Promise<boolean> => (await readFile(part)).equals(content);

describe('download', () => {
  it('fetches a file and tells how far it is', () =>
    withDownload({}, async (run) => {
      await run.fetch();
      expect(await arrived(run)).toBe(true);
      expect(run.progress.at(-1)).toBe(content.length);
      expect(run.server.asked).toEqual([{ range: undefined, ifRange: undefined }]);
    }));

  it('goes on with Range and If-Range after the connection was cut', () =>
    withDownload(
      {
        behaviours: [
          { kind: 'cut', after: 50_000 },
          { kind: 'cut', after: 30_000 },
          { kind: 'send' },
        ],
      },
      async (run) => {
        await run.fetch();
        expect(await arrived(run)).toBe(true);
        expect(run.server.asked).toEqual([
          { range: undefined, ifRange: undefined },
          { range: 'bytes=50000-', ifRange: '"v1"' },
          { range: 'bytes=80000-', ifRange: '"v1"' },
        ]);
        expect(run.notices[0]).toMatch(/cut; trying again in 0.001 s/);
      },
    ));

  it('goes on in a later run, and asks nothing when all is there', () =>
    withDownload(
      { behaviours: [{ kind: 'cut', after: 50_000 }, { kind: 'send' }] },
      async (run) => {
        await expect(run.fetch({ retryDelaysMs: [] })).rejects.toThrow(
          /cannot be downloaded: the connection was cut.*--from <file>/s,
        );
        await run.fetch();
        await run.fetch();
        expect(await arrived(run)).toBe(true);
        expect(run.server.asked).toHaveLength(2);
      },
    ));

  it('knows by 416 that all is there when the size is not known', () =>
    withDownload({}, async (run) => {
      await run.fetch({ bytes: undefined });
      await run.fetch({ bytes: undefined });
      expect(await arrived(run)).toBe(true);
      expect(run.server.asked[1]?.range).toBe('bytes=200000-');
    }));

  it('begins anew when the server ignores ranges', () =>
    withDownload(
      { ignoresRanges: true, behaviours: [{ kind: 'cut', after: 50_000 }, { kind: 'send' }] },
      async (run) => {
        await run.fetch();
        expect(await arrived(run)).toBe(true);
      },
    ));

  it('begins anew when the file has changed meanwhile', () => {
    let version = 0;
    return withDownload(
      {
        etag: () => `"v${version++}"`,
        behaviours: [{ kind: 'cut', after: 50_000 }, { kind: 'send' }],
      },
      async (run) => {
        await run.fetch();
        expect(await arrived(run)).toBe(true);
        expect(run.server.asked[1]).toEqual({ range: 'bytes=50000-', ifRange: '"v0"' });
      },
    );
  });

  it('does not go on with a part of another address, or with one without a note', () =>
    withDownload({}, async (run) => {
      await writeFile(run.part, 'something else');
      await writeFile(`${run.part}.json`, '{"url":"http://x/","validator":"\\"v1\\""}');
      await run.fetch();
      await writeFile(run.part, 'something else');
      await writeFile(`${run.part}.json`, '{');
      await run.fetch();
      expect(await arrived(run)).toBe(true);
      expect(run.server.asked.map(({ range }) => range)).toEqual([undefined, undefined]);
    }));

  it('waits out errors of the server', () =>
    withDownload(
      {
        behaviours: [
          { kind: 'status', status: 503 },
          { kind: 'status', status: 429 },
          { kind: 'send' },
        ],
      },
      async (run) => {
        await run.fetch();
        expect(await arrived(run)).toBe(true);
        expect(run.notices).toHaveLength(2);
      },
    ));

  it('gives up on errors of the server that last', () =>
    withDownload({ behaviours: [{ kind: 'status', status: 500 }] }, async (run) => {
      await expect(run.fetch()).rejects.toThrow(/the server answers 500/);
      expect(run.server.asked).toHaveLength(4);
    }));

  it('does not try again what is not there, and says what to do', () =>
    withDownload({ behaviours: [{ kind: 'status', status: 404 }] }, async (run) => {
      await expect(run.fetch()).rejects.toThrow(/answers 404.*--from <url>.*--from <file>/);
      expect(run.server.asked).toHaveLength(1);
    }));

  it('goes on when nothing comes for a while', () =>
    withDownload(
      { behaviours: [{ kind: 'stall', after: 50_000 }, { kind: 'send' }] },
      async (run) => {
        await run.fetch();
        expect(await arrived(run)).toBe(true);
        expect(run.notices[0]).toMatch(/nothing came for 0.2 s/);
      },
    ));

  it('follows redirects', () =>
    withDownload({}, (target) =>
      withDownload({ behaviours: [{ kind: 'redirect', to: target.server.url }] }, async (run) => {
        await run.fetch();
        expect(await arrived(run)).toBe(true);
      }),
    ));

  it('takes a file whose size the server does not say', () =>
    withDownload({ hidesSize: true }, async (run) => {
      await run.fetch();
      expect(await arrived(run)).toBe(true);
    }));

  it.each([
    [{ bytes: 7 }, {}, /has 200000 bytes; the checkpoint has 7\..*Nothing was downloaded/],
    [{ bytes: undefined, maxBytes: 100 }, {}, /has 200000 bytes; at most 100/],
    [{ bytes: 7 }, { hidesSize: true }, /sends more than the 7 bytes/],
  ])('refuses another size: %j %j', (change, options, expected) =>
    withDownload(options, async (run) => {
      await expect(run.fetch(change)).rejects.toMatchObject({
        name: 'ModelUnusable',
        message: expect.stringMatching(expected) as string,
      });
    }),
  );

  it('stops on request and keeps what has come', () =>
    withDownload({ behaviours: [{ kind: 'stall', after: 50_000 }] }, async (run) => {
      const interrupt = new AbortController();
      const stopped = run.fetch({
        signal: interrupt.signal,
        idleMs: 10_000,
        progress: ({ received }) => {
          if (received === 50_000) interrupt.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
      expect(await readFile(run.part)).toHaveLength(50_000);
    }));

  it('says that a host cannot be reached, without the secrets of the address', () =>
    withDownload({}, async (run) => {
      const closed = await withFileServer(content, {}, ({ url }) => Promise.resolve(url));
      const failed = run.fetch({ url: `${closed}?token=secret` });
      const message = await failed.catch((error: Error) => error.message);
      expect(message).toMatch(/127\.0\.0\.1:\d+ cannot be reached.*--from <file>/);
      expect(message).not.toContain('secret');
      expect(await readdir(join(run.part, '..'))).toEqual([]);
    }));
});
