/** What is seen: true colour below, the mask above, cut at the handle. Plain canvas, nearest neighbour. */
import type { Cog } from './cog.ts';
import type { Tiles } from './tiles.ts';
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

/** The level at or finer than a device pixel; while its tiles come, whatever coarser ones are there. */
function drawMask(pen: CanvasRenderingContext2D, scene: Scene): void {
  const { levels } = scene.cog;
  const device = (scene.view.resolution / scene.view.ratio) * 1.01;
  const level = Math.max(
    0,
    levels.findLastIndex(({ resolution }) => resolution <= device),
  );
  if (drawLevel(pen, scene, { level, isAsked: true })) return;
  if (scene.opacity < 1 || scene.isSheer) return;
  for (let coarse = levels.length - 1; coarse >= level; coarse--)
    drawLevel(pen, scene, { level: coarse, isAsked: false });
}

/** @returns true when nothing was missing */
function drawLevel(
  pen: CanvasRenderingContext2D,
  { cog, tiles, view }: Scene,
  { level, isAsked }: { readonly level: number; readonly isAsked: boolean },
): boolean {
  const size = cog.levels[level];
  if (size === undefined) return true;
  const [west, , , top] = view.bounds;
  const step = size.tile * size.resolution;
  const [left, north] = view.place(0, 0);
  const [right, south] = view.place(view.width, view.height);
  const last = (pixels: number): number => Math.ceil(pixels / size.tile) - 1;
  const clamp = (at: number, most: number): number =>
    Math.min(most, Math.max(0, Math.floor(at / step)));
  let isComplete = true;
  for (
    let row = clamp(top - north, last(size.height));
    row <= clamp(top - south, last(size.height));
    row++
  ) {
    for (
      let column = clamp(left - west, last(size.width));
      column <= clamp(right - west, last(size.width));
      column++
    ) {
      const picture = tiles.picture({ level, column, row }, isAsked);
      if (picture === undefined) isComplete = false;
      if (picture === undefined || picture === null) continue;
      const [x0, y0] = view.pixel(west + column * step, top - row * step);
      const [x1, y1] = view.pixel(
        west + column * step + picture.width * size.resolution,
        top - row * step - picture.height * size.resolution,
      );
      pen.drawImage(picture, x0, y0, x1 - x0, y1 - y0);
    }
  }
  return isComplete;
}
