/**
 * Product archives in tar form, plain or packed with gzip, read once from front to back as they come. The list of their
 * files is not known before the end, so whoever unpacks decides name by name, and looks at the whole afterwards. Headers
 * are read here and not by a library: what has to be refused (a second name, an end that is none) is what those hide.
 */
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Cancelled } from '../errors.ts';
import { ByteStream } from './byte-stream.ts';
import { ArchiveFault, shown } from './fault.ts';
import { archiveKind, kindBytes } from './kind.ts';
import type { ArchiveLimits } from './limits.ts';
import { memberName, NameRegister } from './member-name.ts';
import { refusing } from './refusing.ts';
import { nextMember, paddingOf, type TarMember } from './tar-members.ts';
import { Unpacking, type UnpackOptions } from './unpacking.ts';

export interface TarOptions<Result> extends UnpackOptions {
  /** As the user knows the archive, for messages. */
  readonly name: string;
  /** Where a file goes: a relative path made of plain names only; undefined when it is not needed. */
  readonly targetOf: (path: string) => string | undefined;
  /** A fresh folder. */
  readonly directory: string;
  readonly limits: ArchiveLimits;
  /** Looks at the whole once every name was seen: what it throws undoes it all. */
  readonly finish: () => Result;
}

/**
 * Unpacks the needed files of a `.tar` or `.tar.gz`. Faults of the source itself stay what they are.
 * @returns what `finish` says
 * @throws ProductRefused for everything that is wrong with the archive; then nothing is left
 * @throws Cancelled when the signal says so
 */
export function unpackTar<Result>(
  bytes: AsyncIterable<Uint8Array>,
  options: TarOptions<Result>,
): Promise<Result> {
  return refusing(options.name, () => {
    const unpacking = new Unpacking(options.directory, options);
    return unpacking.orNothing(async () => {
      const source = new ByteStream(bytes);
      try {
        await unpackSource(source, new TarReader(options, unpacking));
        return options.finish();
      } finally {
        await source.close();
      }
    });
  });
}

async function unpackSource(source: ByteStream, reader: TarReader): Promise<void> {
  const head = await source.upTo(kindBytes);
  source.putBack(head);
  const kind = archiveKind(head);
  if (kind === 'tar') return reader.read(new ByteStream(reader.within(source.remaining())));
  if (kind !== 'tar.gz') throw new ArchiveFault('it is no tar archive.');
  const packed = { bytes: 0 };
  await pipeline(
    counted(source.remaining(), packed),
    createGunzip(),
    async (inflated: AsyncIterable<Uint8Array>) => {
      const tar = new ByteStream(reader.within(inflated, packed));
      await reader.read(tar);
      // The checksum of gzip stands at its end.
      const rest = tar.remaining();
      while ((await rest.next()).done !== true);
    },
  );
}

interface Count {
  bytes: number;
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  count: Count,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of bytes) {
    count.bytes += piece.length;
    yield piece;
  }
}

/** Bytes that a packed stream may inflate to before its ratio counts. */
const freeStreamBytes = 2 ** 24;

class TarReader {
  readonly #options: TarOptions<unknown>;
  readonly #unpacking: Unpacking;
  readonly #names = new NameRegister();
  #entries = 0;
  constructor(options: TarOptions<unknown>, unpacking: Unpacking) {
    this.#options = options;
    this.#unpacking = unpacking;
  }

  /** The bytes of the archive, unpacked, held to the limits as they come. */
  async *within(
    bytes: AsyncIterable<Uint8Array>,
    packed?: Count,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { signal, limits } = this.#options;
    let sum = 0;
    for await (const piece of bytes) {
      if (signal.aborted) throw new Cancelled();
      sum += piece.length;
      if (sum > limits.totalBytes) {
        throw new ArchiveFault(
          `the archive unpacks to more than ${limits.totalBytes} bytes, the most that is accepted.`,
        );
      }
      if (packed !== undefined && sum > freeStreamBytes + limits.streamRatio * packed.bytes) {
        throw new ArchiveFault(
          `the archive unpacks to more than ${limits.streamRatio} times its size.`,
        );
      }
      yield piece;
    }
  }

  /** Reads up to the mark of the end. */
  async read(stream: ByteStream): Promise<void> {
    for (;;) {
      const member = await nextMember(stream);
      if (member === undefined) return;
      this.#count(member.headers);
      await this.#take(stream, member);
    }
  }

  #count(headers: number): void {
    this.#entries += headers;
    const most = this.#options.limits.entries;
    if (this.#entries > most) {
      throw new ArchiveFault(
        `the archive has more than ${most} entries, the most that is accepted.`,
      );
    }
  }

  async #take(stream: ByteStream, { path, isFolder, size }: TarMember): Promise<void> {
    const { targetOf, limits } = this.#options;
    const name = memberName(path, limits.nameLength);
    if (name !== undefined) this.#names.add(name);
    const target = name === undefined || isFolder ? undefined : targetOf(name);
    if (name === undefined || target === undefined) {
      await stream.skip(size + paddingOf(size));
      return;
    }
    const { bytes: mostBytes } = limits.member(name);
    if (size > mostBytes) {
      throw new ArchiveFault(
        `"${shown(name)}" has ${size} bytes; at most ${mostBytes} are accepted.`,
      );
    }
    await this.#unpacking.write({ name, target, mostBytes }, stream.pieces(size));
    await stream.skip(paddingOf(size));
  }
}
