/** What is seen: true colour below, the mask above, cut at the handle. Plain canvas, nearest neighbour. */
import type { Cog } from './cog.ts';
import type { TilePlace, Tiles } from './tiles.ts';
import type { View } from './view.ts';

export interface Scene {
  readonly cog: Cog;
  readonly tiles: Tiles;
  readonly view: View;
  readonly picture: HTMLImageElement | undefined;
  readonly canvas: HTMLCanvasElement;
  /** Where the mask begins, 0 (left) to 1. */
  swipe: number;
  opacity: number;
  /** Something of the mask lets the picture through. */
  isSheer: boolean;
}

/** The handle is 44 CSS pixels wide and stays inside. */
const halfHandle = 22;

export function draw(
  scene: Scene,
  style: { readonly noData: string; readonly accent: string },
): void {
  const { canvas, view, picture } = scene;
  const pen = canvas.getContext('2d');
  if (pen === null || view.width === 0) return;
  const [west, south, east, north] = view.bounds;
  const [left, top] = view.pixel(west, north);
  const [right, bottom] = view.pixel(east, south);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.noData;
  pen.fillRect(left, top, right - left, bottom - top);
  const half = halfHandle / view.width;
  const edge = Math.round((half + scene.swipe * (1 - 2 * half)) * canvas.width);
  if (picture !== undefined) {
    within(pen, { from: 0, to: scene.isSheer ? canvas.width : edge }, () => {
      pen.imageSmoothingEnabled = true;
      pen.drawImage(picture, left, top, right - left, bottom - top);
    });
  }
  within(pen, { from: picture === undefined ? 0 : edge, to: canvas.width }, () => {
    pen.globalAlpha = scene.opacity;
    pen.imageSmoothingEnabled = false;
    drawMask(pen, scene);
  });
  if (picture === undefined) return;
  pen.fillStyle = style.accent;
  pen.fillRect(edge - view.ratio, 0, 2 * view.ratio, canvas.height);
}

function within(
  pen: CanvasRenderingContext2D,
  { from, to }: { readonly from: number; readonly to: number },
  work: () => void,
): void {
  pen.save();
  pen.beginPath();
  pen.rect(from, 0, to - from, pen.canvas.height);
  pen.clip();
  work();
  pen.restore();
}

/** The level at or finer than a device pixel; while its tiles come, the nearest level that is there as a whole. */
function drawMask(pen: CanvasRenderingContext2D, scene: Scene): void {
  const { cog, view, opacity, isSheer } = scene;
  const device = (view.resolution / view.ratio) * 1.01;
  const wanted = Math.max(
    0,
    cog.levels.findLastIndex(({ resolution }) => resolution <= device),
  );
  if (!hasAll(scene, wanted, true)) {
    const others = [...cog.levels.keys()].filter((level) => level !== wanted);
    const nearest = others.toSorted((one, two) => Math.abs(one - wanted) - Math.abs(two - wanted));
    const standIn = nearest.find((level) => hasAll(scene, level, false));
    if (standIn !== undefined) drawLevel(pen, scene, standIn);
    // What lets the picture through must not lie on itself.
    if (standIn !== undefined && (opacity < 1 || isSheer)) return;
  }
  drawLevel(pen, scene, wanted);
}

/** Nothing of what is seen is missing at this level. `isAsked`: what is missing is asked for. */
function hasAll(scene: Scene, level: number, isAsked: boolean): boolean {
  const missing = seenTiles(scene, level).filter(
    (place) => scene.tiles.picture(place, isAsked) === undefined,
  );
  return missing.length === 0;
}

/** Tiles of a level that the view touches, row by row. */
function seenTiles({ cog, view }: Scene, level: number): readonly TilePlace[] {
  const size = cog.levels[level];
  if (size === undefined) return [];
  const [west, , , top] = view.bounds;
  const step = size.tile * size.resolution;
  const [left, north] = view.place(0, 0);
  const [right, south] = view.place(view.width, view.height);
  const clamp = (at: number, pixels: number): number =>
    Math.min(Math.ceil(pixels / size.tile) - 1, Math.max(0, Math.floor(at / step)));
  const rows = [clamp(top - north, size.height), clamp(top - south, size.height)] as const;
  const columns = [clamp(left - west, size.width), clamp(right - west, size.width)] as const;
  return range(...rows).flatMap((row) =>
    range(...columns).map((column) => ({ level, column, row })),
  );
}

/** Whole numbers from one to another, both included. */
function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

function drawLevel(pen: CanvasRenderingContext2D, scene: Scene, level: number): void {
  const { cog, tiles, view } = scene;
  const { tile = 0, resolution = 0 } = cog.levels[level] ?? {};
  const [west, , , top] = view.bounds;
  const step = tile * resolution;
  for (const place of seenTiles(scene, level)) {
    const picture = tiles.picture(place, false);
    if (picture === undefined) continue;
    const [left, north] = [west + place.column * step, top - place.row * step];
    const [x0, y0] = view.pixel(left, north);
    const [x1, y1] = view.pixel(
      left + picture.width * resolution,
      north - picture.height * resolution,
    );
    pen.drawImage(picture, x0, y0, x1 - x0, y1 - y0);
  }
}
