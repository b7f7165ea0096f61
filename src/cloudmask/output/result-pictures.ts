/** The two pictures of a result, drawn from what the sink collected. */
import { join } from 'node:path';
import { writePreview, writeWebp, type Picture } from '../../pictures/pictures.ts';
import { noData } from '../postprocess/classify.ts';
import type { Style } from '../postprocess/styles.ts';
import type { Product } from '../products/product.ts';
import { rgb } from './cog-profile.ts';
import type { MaskSink } from './mask-sink.ts';
import type { OutputFiles } from './output-files.ts';
import type { Overview } from './overview.ts';

const noDataColour = '#d9d9d9';

/** Draws `true_colour` and `preview` into a folder. */
export async function drawPictures(
  product: Product,
  style: Style,
  { overview, tally }: MaskSink,
  target: { readonly directory: string; readonly files: OutputFiles },
): Promise<void> {
  const { directory, files } = target;
  const { width, height } = overview;
  const trueColour: Picture = { width, height, rgba: overview.trueColour() };
  const valid = tally.total - tally.of(noData);
  const percent = (value: number): string =>
    valid === 0 ? '–' : `${((100 * tally.of(value)) / valid).toFixed(1)} %`;
  await writeWebp(join(directory, files.true_colour), trueColour);
  await writePreview(join(directory, files.preview), {
    title: product.id,
    trueColour,
    mask: maskPicture(overview, style),
    legend: [
      ...style.classes.map(({ value, name, colour }) => ({
        label: `${name}  ${percent(value)}`,
        colour,
      })),
      { label: 'no data', colour: noDataColour },
    ],
  });
}

function maskPicture(overview: Overview, style: Style): Picture {
  const { width, height } = overview;
  const palette = new Map(style.classes.map(({ value, colour }) => [value, rgb(colour)]));
  const outside = rgb(noDataColour);
  const rgba = new Uint8Array(width * height * 4);
  for (const [pixel, value] of overview.classes().entries()) {
    rgba.set(palette.get(value) ?? outside, pixel * 4);
    rgba[pixel * 4 + 3] = 255;
  }
  return { width, height, rgba };
}
