/**
 * `npm run build:kernel`: compiles the kernel of the band embedding. The result is part of the repository, so that only
 * those who change the kernel need the compiler; `--check` compares it with what the sources compile to.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { main } from 'assemblyscript/asc';

import { root } from './bootstrap/paths.js';

const source = 'src/models/embedding/kernel/assembly.ts';
const target = 'src/models/embedding/kernel.wasm';
const output = 'kernel.wasm';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const compiled = await compile();
const file = path.join(root, target);
if (!values.check) {
  await writeFile(file, compiled);
  process.stdout.write(`${target}: ${compiled.length} bytes\n`);
} else if (!compiled.equals(await readFile(file))) {
  process.stdout.write(`${target} is not what ${source} compiles to: npm run build:kernel\n`);
  process.exitCode = 1;
}

/** The same bytes for the same source and compiler, wherever the repository lies. */
async function compile(): Promise<Buffer> {
  let bytes: Buffer | undefined;
  let complaints = '';
  const options = ['--baseDir', root, '--outFile', output];
  const code = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const { error } = await main([source, ...options, ...code], {
    writeFile: (_, contents) => {
      bytes = Buffer.from(contents);
    },
    stderr: { write: (text) => (complaints += text.toString()) },
  });
  if (error != null || bytes === undefined) {
    throw new Error(`The kernel does not compile.\n${complaints}`, { cause: error });
  }
  return bytes;
}
