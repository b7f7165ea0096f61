/**
 * Where the moving window stands, along one axis. Rows and columns are planned alike; the windows of a
 * scene are all pairs of starts.
 */
import { reflect } from '../resampling/axis.ts';

export interface AxisPlan {
  /** Pixels of the scene along this axis. */
  readonly size: number;
  /** Side of a window. */
  readonly patch: number;
  /** First padded pixel of each window. Invariant: every pixel of the scene lies in at least one window. */
  readonly starts: readonly number[];
  /** Pixels of reflected border before the scene: padded index = scene index + before. */
  readonly before: number;
  /** Windows that cover each pixel of the scene. */
  readonly counts: Uint16Array;
}

/**
 * Plans the windows along an axis: starts 0, stride, 2·stride … below `size`, borders shared between both
 * ends. Where `size` is a multiple of a stride above half a window, the last pixels would lie in no window:
 * one more start covers them.
 */
export function planAxis(size: number, patch: number, stride: number): AxisPlan {
  const starts: number[] = [];
  for (let start = 0; start < size; start += stride) starts.push(start);
  const before = Math.floor((patch + Math.floor(size / stride) * stride - size) / 2);
  const covered = (starts.at(-1) ?? 0) + patch - before;
  if (covered < size) starts.push(size);
  const counts = new Uint16Array(size);
  for (const start of starts) {
    const end = Math.min(size, start - before + patch);
    for (let index = Math.max(0, start - before); index < end; index++) counts[index]!++;
  }
  return { size, patch, starts, before, counts };
}

/** Windows of a whole scene. */
export function countWindows(
  { width, height }: { readonly width: number; readonly height: number },
  patch: number,
  stride: number,
): number {
  const [rows, columns] = [height, width].map((size) => planAxis(size, patch, stride).starts);
  return (rows?.length ?? 0) * (columns?.length ?? 0);
}

/** Scene indices of the pixels of a window, the border reflected. */
export function windowIndices(plan: AxisPlan, start: number): Uint32Array {
  const indices = new Uint32Array(plan.patch);
  for (let offset = 0; offset < plan.patch; offset++) {
    indices[offset] = reflect(start + offset - plan.before, plan.size);
  }
  return indices;
}

/** Scene pixels before which everything is final once the window at position `index` is done. */
export function finalBefore(plan: AxisPlan, index: number): number {
  const next = plan.starts[index + 1];
  return next === undefined ? plan.size : Math.max(0, next - plan.before);
}
