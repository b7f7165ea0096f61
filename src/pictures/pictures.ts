/** Encodes the small pictures of a result. The only place that knows sharp. */
import { createRequire } from 'node:module';
import { rename } from 'node:fs/promises';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha bytes, row-major. */
  readonly rgba: Uint8Array;
}

export interface LegendEntry {
  readonly label: string;
  /** `#rrggbb` */
  readonly colour: string;
}

export interface PreviewSource {
  readonly title: string;
  readonly trueColour: Picture;
  readonly mask: Picture;
  readonly legend: readonly LegendEntry[];
}

/** Longest side of either panel of the preview, in pixels, and the space around things. */
const panelSide = 512;
const gap = 16;
const lineHeight = 22;
const swatch = 14;
const background = '#ffffff';

// Text needs a font, and a bare machine has none: this one comes as a package.
const font = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');

/** Writes a picture as WebP with alpha; it appears under its name only when it is whole. */
export async function writeWebp(file: string, picture: Picture): Promise<void> {
  const part = `${file}.part`;
  await raw(picture).webp({ quality: 82, alphaQuality: 100 }).toFile(part);
  await rename(part, file);
}

/** Writes the preview as PNG: true colour beside the mask, title above, legend below. */
export async function writePreview(file: string, source: PreviewSource): Promise<void> {
  const { width, height } = panelSize(source.trueColour);
  const top = gap + lineHeight + gap / 2;
  const legendTop = top + height + gap;
  const canvasWidth = Math.max(2 * width + 3 * gap, 420);
  const layers: OverlayOptions[] = [
    await text(source.title, canvasWidth - 2 * gap, { left: gap, top: gap }),
    { input: await panel(source.trueColour, width, height, 'lanczos3'), left: gap, top },
    { input: await panel(source.mask, width, height, 'nearest'), left: 2 * gap + width, top },
    ...(await legend(source.legend, canvasWidth, legendTop)),
  ];
  const canvasHeight = legendTop + Math.ceil(source.legend.length / 2) * lineHeight + gap;
  const part = `${file}.part`;
  await sharp({
    create: { width: canvasWidth, height: canvasHeight, channels: 3, background },
  })
    .composite(layers)
    .png()
    .toFile(part);
  await rename(part, file);
}

function raw({ width, height, rgba }: Picture): Sharp {
  return sharp(rgba, { raw: { width, height, channels: 4 } });
}

function panelSize({ width, height }: Picture): { width: number; height: number } {
  const scale = panelSide / Math.max(width, height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

function panel(
  picture: Picture,
  width: number,
  height: number,
  kernel: 'lanczos3' | 'nearest',
): Promise<Buffer> {
  return raw(picture).resize(width, height, { fit: 'fill', kernel }).png().toBuffer();
}

/** Two columns of swatches with their labels. */
async function legend(
  entries: readonly LegendEntry[],
  canvasWidth: number,
  top: number,
): Promise<OverlayOptions[]> {
  const columnWidth = Math.floor((canvasWidth - 2 * gap) / 2);
  const layers = await Promise.all(
    entries.map(async ({ label, colour }, index) => {
      const left = gap + (index % 2) * columnWidth;
      const y = top + Math.floor(index / 2) * lineHeight;
      const box = { width: swatch, height: swatch, channels: 3, background: colour } as const;
      return [
        { input: { create: box }, left, top: y },
        await text(label, columnWidth - 2 * swatch, { left: left + swatch + 8, top: y }),
      ];
    }),
  );
  return layers.flat();
}

async function text(
  content: string,
  maxWidth: number,
  place: { readonly left: number; readonly top: number },
): Promise<OverlayOptions> {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const rendered = await sharp({
    text: {
      text: `<span foreground="#222222">${escaped}</span>`,
      font: 'DejaVu Sans 10',
      fontfile: font,
      rgba: true,
      dpi: 96,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  // A long product name is made smaller rather than broken.
  const input =
    rendered.info.width > maxWidth
      ? await sharp(rendered.data)
          .resize({ width: Math.floor(maxWidth) })
          .png()
          .toBuffer()
      : rendered.data;
  return { input, ...place };
}
