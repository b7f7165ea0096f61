import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadFile, resumableBytes, type FileRequest } from '../../../src/outbound/download.ts';
import { withFolder } from '../../support/folder.ts';
import {
  withFileServer,
  type FileServer,
  type FileServerOptions,
} from '../../support/http-file-server.ts';
import { collected, timeouts, trusting, withClient } from '../../support/outbound.ts';
import { random } from '../../support/random.ts';

const draw = random(1);
const content = Buffer.from(Array.from({ length: 400_000 }, () => Math.floor(draw() * 256)));
/** Cuts after more than counts as progress. */
const cut = { kind: 'cut', after: 100_000 } as const;
const send = { kind: 'send' } as const;

interface Run {
  readonly server: FileServer;
  readonly folder: string;
  readonly notices: string[];
  readonly progress: (readonly [number, number | undefined])[];
  /** What it ends with: `same` content, or the error. */
  readonly file: (change?: Partial<FileRequest>) => Promise<string>;
  readonly stream: (change?: Partial<FileRequest>) => Promise<string>;
}

const verdict = (bytes: Buffer): string => (bytes.equals(content) ? 'same' : sum(bytes));
const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const said = (error: Error): string => `${error.name}: ${error.message}`;

function withDownload<T>(options: FileServerOptions, use: (run: Run) => Promise<T>): Promise<T> {
  return withFolder((folder) =>
    withFileServer(content, options, (server) =>
      withClient(trusting(new URL(server.url).origin), { timeouts }, (client) => {
        const notices: string[] = [];
        const progress: Run['progress'] = [];
        const file = join(folder, 'product.zip');
        const request = {
          url: `${server.url}?sig=secret`,
          file,
          maxBytes: 1e6,
          signal: new AbortController().signal,
          progress: (bytes: number, total: number | undefined) => progress.push([bytes, total]),
          notice: (message: string) => notices.push(message),
          retryDelaysMs: [1, 1, 1],
        };
        return use({
          server,
          folder,
          notices,
          progress,
          file: (change) =>
            downloadFile(client, { ...request, ...change })
              .then(async ({ bytes }) => {
                const found = await readFile(file);
                return bytes === found.length ? verdict(found) : `${bytes} bytes?`;
              })
              .catch(said),
          stream: (change) =>
            collected(resumableBytes(client, { ...request, ...change }))
              .then(verdict)
              .catch(said),
        });
      }),
    ),
  );
}

describe.each(['file', 'stream'] as const)('a download as a %s', (how) => {
  it('brings all bytes and tells how far it is', () =>
    withDownload({}, async (run) => {
      expect(await run[how]()).toBe('same');
      expect(run.progress.at(-1)).toEqual([400_000, 400_000]);
      expect(run.server.asked).toEqual([{ range: undefined, ifRange: undefined }]);
    }));

  it('goes on with Range and If-Range where the connection was cut, as often as it gets on', () =>
    withDownload({ behaviours: [cut, cut, cut, send] }, async (run) => {
      expect(await run[how]({ retryDelaysMs: [1] })).toBe('same');
      expect(run.server.asked).toEqual([
        { range: undefined, ifRange: undefined },
        { range: 'bytes=100000-', ifRange: '"v1"' },
        { range: 'bytes=200000-', ifRange: '"v1"' },
        { range: 'bytes=300000-', ifRange: '"v1"' },
      ]);
      expect(run.notices).toHaveLength(3);
      expect(run.notices[0]).toMatch(/^connection cut; trying again in 0\.0 s$/);
    }));

  it('gives up on a server that sends a little each time', () =>
    withDownload({ behaviours: [{ kind: 'cut', after: 1000 }] }, async (run) => {
      expect(await run[how]()).toBe(
        `TransferFailed: download of ${run.server.url} failed (connection cut)`,
      );
      expect(run.server.asked).toHaveLength(4);
    }));

  it('goes on when nothing comes for a while', () =>
    withDownload({ behaviours: [{ kind: 'stall', after: 100_000 }, send] }, async (run) => {
      expect(await run[how]()).toBe('same');
      expect(run.notices[0]).toMatch(/^too little came for 0.5 s/);
    }));

  it('waits out errors of the server that may pass', () =>
    withDownload(
      {
        behaviours: [
          { kind: 'status', status: 503 },
          { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
          { kind: 'status', status: 408 },
          send,
        ],
      },
      async (run) => {
        expect(await run[how]()).toBe('same');
        expect(run.notices).toEqual([
          'error of the server; trying again in 0.0 s',
          'too many requests; trying again in 1.0 s',
          'error of the server; trying again in 0.0 s',
        ]);
      },
    ));

  it.each([
    [401, 'failed (access denied); the storage may need credentials', 1],
    [403, 'failed (access denied); the storage may need credentials', 1],
    [404, 'failed (not found)', 1],
    [410, 'failed (not found)', 1],
    [400, 'failed (request refused)', 1],
    [418, 'failed (request refused)', 1],
    [304, 'failed (unexpected answer)', 1],
    [204, 'failed (unexpected answer)', 1],
    [206, 'failed (unexpected answer)', 1],
    [500, 'failed (error of the server)', 4],
    [429, 'failed (too many requests)', 4],
  ])('says what %i means', (status, expected, requests) =>
    withDownload({ behaviours: [{ kind: 'status', status }] }, async (run) => {
      expect(await run[how]()).toBe(`TransferFailed: download of ${run.server.url} ${expected}`);
      expect(run.server.asked).toHaveLength(requests);
      expect(await readdir(run.folder)).toEqual([]);
    }),
  );

  it('takes a file whose size the server does not say', () =>
    withDownload({ hidesSize: true }, async (run) => {
      expect(await run[how]()).toBe('same');
      expect(run.progress.at(-1)).toEqual([400_000, undefined]);
    }));

  it.each([[{ hidesSize: true }], [{}]])('refuses what is too large: %j', (options) =>
    withDownload(options, async (run) => {
      expect(await run[how]({ maxBytes: 399_999 })).toBe(
        `TransferFailed: download of ${run.server.url} failed (larger than the 399999 bytes that are accepted)`,
      );
      expect(run.server.asked).toHaveLength(1);
      expect(await readdir(run.folder)).toEqual([]);
    }),
  );

  it('counts all parts together against what is accepted', () =>
    withDownload({ hidesSize: true, behaviours: [cut, cut, send] }, async (run) => {
      expect(await run[how]({ maxBytes: 250_000 })).toMatch(/larger than the 250000 bytes/);
    }));

  it('follows redirects anew for each part', () =>
    withDownload({ behaviours: [cut, send] }, (target) =>
      withFolder((folder) =>
        withFileServer(
          content,
          { behaviours: [{ kind: 'redirect', to: `${target.server.url}?sig=secret` }] },
          ({ url, asked }) =>
            withClient(
              trusting(new URL(url).origin, new URL(target.server.url).origin),
              { timeouts },
              async (client) => {
                const request = {
                  url,
                  file: join(folder, 'x'),
                  maxBytes: 1e6,
                  signal: new AbortController().signal,
                  retryDelaysMs: [1],
                };
                const bytes =
                  how === 'stream'
                    ? await collected(resumableBytes(client, request))
                    : await downloadFile(client, request).then(() => readFile(request.file));
                expect(verdict(bytes)).toBe('same');
                expect(asked.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-']);
              },
            ),
        ),
      ),
    ));

  it('stops on request and leaves nothing', () =>
    withDownload({ behaviours: [{ kind: 'stall', after: 100_000 }] }, async (run) => {
      const interrupt = new AbortController();
      const progress = (bytes: number): void => {
        if (bytes === 100_000) interrupt.abort();
      };
      expect(await run[how]({ signal: interrupt.signal, progress })).toBe(
        'Cancelled: The transfer was stopped.',
      );
      expect(await readdir(run.folder)).toEqual([]);
    }));

  it('stops on request during a pause', () =>
    withDownload({ behaviours: [{ kind: 'status', status: 500 }] }, async (run) => {
      const interrupt = new AbortController();
      const notice = (): void => interrupt.abort();
      const retryDelaysMs = [60_000];
      expect(await run[how]({ signal: interrupt.signal, notice, retryDelaysMs })).toBe(
        'Cancelled: The transfer was stopped.',
      );
    }));
});

describe('downloadFile', () => {
  it('begins anew when the server ignores ranges', () =>
    withDownload({ ignoresRanges: true, behaviours: [cut, send] }, async (run) => {
      expect(await run.file()).toBe('same');
    }));

  it('begins anew when the file has changed meanwhile', () => {
    let version = 0;
    const options = { etag: () => `"v${version++}"`, behaviours: [cut, send] };
    return withDownload(options, async (run) => {
      expect(await run.file()).toBe('same');
      expect(run.server.asked[1]).toEqual({ range: 'bytes=100000-', ifRange: '"v0"' });
    });
  });

  it.each(['W/"v1"', '', '"ü"', '"a b"'])('begins anew with the ETag %j', (etag) =>
    withDownload({ etag: () => etag, behaviours: [cut, send] }, async (run) => {
      expect(await run.file()).toBe('same');
      expect(run.server.asked[1]).toEqual({ range: undefined, ifRange: undefined });
    }),
  );

  it('touches no file that is there', () =>
    withDownload({}, async (run) => {
      const file = join(run.folder, 'product.zip');
      await writeFile(file, 'mine');
      expect(await run.file({ file })).toMatch(/EEXIST/);
      expect(await readFile(file, 'utf8')).toBe('mine');
      expect(run.server.asked).toEqual([]);
    }));
});

describe('resumableBytes', () => {
  it('skips what it has when the server sends the same version from the beginning', () =>
    withDownload({ ignoresRanges: true, behaviours: [cut, send] }, async (run) => {
      expect(await run.stream()).toBe('same');
    }));

  it.each([
    [{ etag: () => `"v${Math.random()}"` }, /failed \((it was cut|the file changed)/],
    [{ etag: () => '' }, /failed \(it was cut, and cannot be gone on with\)/],
  ])('does not mix two versions', (options, expected) =>
    withDownload({ ...options, behaviours: [cut, send] }, async (run) => {
      expect(await run.stream()).toMatch(expected);
    }),
  );

  it('ends the connection when nobody wants more', () =>
    withDownload({ behaviours: [{ kind: 'stall', after: 100_000 }] }, async (run) => {
      await withClient(trusting(new URL(run.server.url).origin), {}, async (client) => {
        const { signal } = new AbortController();
        const request = { url: run.server.url, maxBytes: 1e6, signal };
        for await (const chunk of resumableBytes(client, request)) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      });
    }));
});
