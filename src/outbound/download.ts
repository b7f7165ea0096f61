/** Brings a file: onto the disk, or as a stream for whoever unpacks it on the way. Goes on where it was cut. */
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Retries } from './attempts.ts';
import type { OutboundClient } from './client.ts';
import { failed } from './fault.ts';
import { isSame } from './part.ts';
import { piecesOf, type Piece } from './pieces.ts';

export interface BytesRequest extends Retries {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** Total: undefined where the server does not say it. After a new beginning it is smaller than before. */
  readonly progress?: (receivedBytes: number, total: number | undefined) => void;
}

export interface FileRequest extends BytesRequest {
  /** Must not exist. */
  readonly file: string;
}

/**
 * Brings a whole file onto the disk; where that fails nothing is left.
 * @throws AddressNotAllowed, TransferFailed, Cancelled
 */
export async function downloadFile(
  client: OutboundClient,
  request: FileRequest,
): Promise<{ readonly bytes: number }> {
  const handle = await open(request.file, 'wx', 0o600);
  try {
    let bytes = 0;
    for await (const piece of piecesOf(client, request)) {
      if (piece.at < bytes) await handle.truncate(piece.at);
      await writeAll(handle, piece);
      bytes = piece.at + piece.bytes.length;
      request.progress?.(bytes, piece.version.total);
    }
    return { bytes };
  } catch (error) {
    await rm(request.file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, { at, bytes }: Piece): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/**
 * The bytes of a whole file in order, each once. Whoever reads may stop early.
 * @throws AddressNotAllowed, TransferFailed (also where the file begins anew as another version), Cancelled
 */
export async function* resumableBytes(
  client: OutboundClient,
  request: BytesRequest,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  let version: Piece['version'] | undefined;
  for await (const piece of piecesOf(client, request)) {
    version ??= piece.version;
    const isOther = version.validator === '' || !isSame(version, piece.version);
    if (piece.at < given && isOther)
      throw failed(request.url, 'it was cut, and cannot be gone on with');
    const fresh = piece.bytes.subarray(Math.max(0, given - piece.at));
    given += fresh.length;
    if (fresh.length > 0) {
      request.progress?.(given, piece.version.total);
      yield fresh;
    }
  }
}
