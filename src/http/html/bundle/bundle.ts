/** Style sheet and browser scripts, bundled once, when the first page is asked for. The only place that knows esbuild. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, stop, type OutputFile } from 'esbuild';
import { assetNames } from '../asset-names.ts';

export interface Assets {
  /** Changes whenever any of the files does. */
  readonly hash: string;
  /** Content by file name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const here = join(import.meta.dirname, '..');
const scripts = ['page', 'form', 'job', 'map'];

let made: Promise<Assets> | undefined;

/** The assets of this process. A failure is not kept: the next page tries again. */
export function assets(): Promise<Assets> {
  made ??= bundle().catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

async function bundle(): Promise<Assets> {
  try {
    const { outputFiles } = await build({
      entryPoints: scripts.map((name) => join(here, 'browser', `${name}.ts`)),
      bundle: true,
      // What a mask does not need (other compressions) stays in chunks that are never asked for.
      splitting: true,
      format: 'esm',
      target: 'es2022',
      minify: true,
      legalComments: 'none',
      write: false,
      outdir: here,
      logLevel: 'silent',
    });
    const files = new Map([
      ...outputFiles.map(
        (file: OutputFile) => [nameOf(file.path), Buffer.from(file.contents)] as const,
      ),
      [assetNames.style, await readFile(join(here, 'static', assetNames.style))],
      [assetNames.icon, await readFile(join(here, 'static', assetNames.icon))],
      [assetNames.example, await readFile(join(here, 'static', assetNames.example))],
    ]);
    return { hash: digest(files), files };
  } finally {
    // esbuild works in a process of its own, which is of no more use.
    await stop();
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function digest(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256');
  for (const [name, content] of files) hash.update(name).update('\0').update(content);
  return hash.digest('base64url').slice(0, 16);
}
