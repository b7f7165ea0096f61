import { ChildHandle, type ChildProgram } from './child-handle.ts';
import type { RasterReport } from './child-protocol.ts';

export type ProbeResult =
  | ({ readonly kind: 'usable' } & RasterReport)
  | { readonly kind: 'unusable'; readonly message: string; readonly stderr: string };

const limitMs = 60_000;

/** Asks a child which GDAL it has: the server itself never loads it. */
export async function probeRaster(
  program: ChildProgram,
  signal: AbortSignal,
): Promise<ProbeResult> {
  let found: RasterReport | undefined;
  const child = new ChildHandle(program, (report) => {
    if (report.kind === 'probed') found = report.raster;
  });
  const kill = (): void => child.kill('SIGKILL');
  const timer = setTimeout(kill, limitMs);
  signal.addEventListener('abort', kill, { once: true });
  child.send({ kind: 'probe' });
  const exit = await child.exited;
  clearTimeout(timer);
  signal.removeEventListener('abort', kill);
  if (found !== undefined) return { kind: 'usable', ...found };
  return {
    kind: 'unusable',
    message: `The child process could not load GDAL (exit code ${exit.code}, signal ${exit.signal}).`,
    stderr: exit.stderr,
  };
}
