import { describe, expect, it } from 'vitest';
import { downloadFile } from '../../../src/outbound/download.ts';
import { openRanged } from '../../../src/outbound/ranged-file.ts';
import { fetchDocument } from '../../../src/outbound/document.ts';
import { DomainError } from '../../../src/errors.ts';
import { withFolder } from '../../support/folder.ts';
import { withSocketServer } from '../../support/hostile-server.ts';
import { trusting, withClient } from '../../support/outbound.ts';
import { random } from '../../support/random.ts';

const body = 'hello, this is the body of a file';
const goodAnswers = [
  `HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  `HTTP/1.1 206 Partial Content\r\nETag: "v1"\r\nContent-Range: bytes 0-0/33\r\nContent-Length: 1\r\n\r\nh`,
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n21\r\n${body}\r\n0\r\n\r\n`,
  'HTTP/1.1 302 Found\r\nLocation: /other?sig=secret\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n',
];
const rounds = 400;

/** Changes, drops, doubles or inserts a few bytes. */
function mutated(text: string, draw: () => number): Buffer {
  let bytes = Buffer.from(text);
  for (let changes = 1 + Math.floor(draw() * 3); changes > 0; changes--) {
    const at = Math.floor(draw() * bytes.length);
    const upTo = at + Math.floor(draw() * 8);
    const middle = [
      Buffer.from([Math.floor(draw() * 256)]),
      Buffer.alloc(0),
      Buffer.concat([bytes.subarray(at, upTo), bytes.subarray(at, upTo)]),
    ][Math.floor(draw() * 3)];
    bytes = Buffer.concat([bytes.subarray(0, at), middle ?? bytes, bytes.subarray(upTo)]);
  }
  return bytes;
}

describe('answers with faults', () => {
  it('give bytes or a failure of ours, never anything else', () =>
    withFolder((folder) => {
      const draw = random(7);
      let answer: Buffer = Buffer.alloc(0);
      return withSocketServer(
        (socket) => socket.once('data', () => socket.end(answer)),
        ({ origin }) => {
          const timeouts = { connectMs: 200, headersMs: 200, idleMs: 200 };
          return withClient(trusting(origin), { timeouts }, async (client) => {
            const { signal } = new AbortController();
            const request = {
              url: `${origin}/x?sig=secret`,
              signal,
              maxBytes: 1000,
              retryDelaysMs: [],
            };
            const outcomes = { brought: 0, failed: 0 };
            const others: unknown[] = [];
            for (let round = 0; round < rounds; round++) {
              answer = mutated(goodAnswers[round % goodAnswers.length] ?? '', draw);
              const file = `${folder}/${round}`;
              const calls = [
                () => downloadFile(client, { ...request, file }),
                () => fetchDocument(client, request),
                () => openRanged(client, request),
              ];
              await calls[Math.floor(draw() * 3)]?.().then(
                () => outcomes.brought++,
                (error: Error) => {
                  outcomes.failed++;
                  const isOurs = error instanceof DomainError && !error.message.includes('secret');
                  if (!isOurs) others.push([String(answer), error]);
                },
              );
            }
            expect(others).toEqual([]);
            expect(outcomes.brought).toBeGreaterThan(rounds / 20);
            expect(outcomes.failed).toBeGreaterThan(rounds / 20);
          });
        },
      );
    }));
});
