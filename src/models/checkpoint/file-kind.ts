/** What a file is that should be a checkpoint, judged by its first bytes: what is not gets a message that helps. */
import type { FileHandle } from 'node:fs/promises';
import { Fault } from './fault.ts';

/** Enough for every mark below; the tar one ends at 262. */
const headBytes = 512;

interface Kind {
  readonly isIt: (head: Buffer) => boolean;
  readonly message: string;
}

const resave =
  'Load it with PyTorch 1.6 or later and save its state_dict again: torch.save writes the zip form.';

/** torch's first pickle of the old format: the magic number 0x1950a86a20f9469cfc6c. */
const oldMagic = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');

const startsWith = (text: string) => (head: Buffer) =>
  head.subarray(0, text.length).toString('latin1').toLowerCase() === text;

const kinds: readonly Kind[] = [
  { isIt: (head) => head.length === 0, message: 'the file is empty.' },
  {
    isIt: (head) => head.subarray(2, 14).equals(oldMagic),
    message: `it has the form that PyTorch wrote before version 1.6. ${resave}`,
  },
  {
    isIt: (head) => head.subarray(257, 262).toString('latin1') === 'ustar',
    message: `it is a tar archive, PyTorch's first form. ${resave}`,
  },
  {
    isIt: (head) => head[0] === 0x80,
    message: `it is a bare pickle, not PyTorch's zip form. ${resave}`,
  },
  {
    isIt: (head) => head[8] === 0x7b && head.length > 8 && head.readUInt32LE(4) === 0,
    message:
      'it is a safetensors file, which is not supported. Needed is a checkpoint of torch.save.',
  },
  {
    isIt: startsWith('version https://git-lfs'),
    message: 'it is a pointer of Git LFS, not the weights. Fetch the file itself ("git lfs pull").',
  },
  {
    isIt: (head) => /^\s*</.test(head.toString('latin1')),
    message: 'it is a web page or XML, not a checkpoint. Was a page saved instead of the file?',
  },
];

/**
 * Refuses files that are no zip.
 * @throws Fault saying what the file is.
 */
export async function assertZip(handle: FileHandle): Promise<void> {
  const buffer = Buffer.alloc(headBytes);
  const { bytesRead } = await handle.read(buffer, 0, headBytes, 0);
  const head = buffer.subarray(0, bytesRead);
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return;
  const kind = kinds.find(({ isIt }) => isIt(head));
  throw new Fault(kind?.message ?? 'it is no PyTorch checkpoint: those are zip archives.');
}
