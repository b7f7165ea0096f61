/**
 * Rows in, Cloud Optimized GeoTIFF out. The COG driver can only copy a finished dataset, so rows go
 * to a tiled GeoTIFF in the scratch folder first. A VRT of our own between the two carries what the
 * bindings cannot set on a band (descriptions) together with colours, class names and tags.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { Cancelled } from '../errors.ts';
import { gdal } from './gdal.ts';
import { geoTransform, type Grid } from './grid.ts';

export interface ColourEntry {
  readonly value: number;
  /** Red, green, blue, alpha 0–255. */
  readonly rgba: readonly [number, number, number, number];
}

export interface BandProfile {
  readonly description: string;
  readonly colours?: readonly ColourEntry[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** What the finished file says about itself. */
export interface CogProfile {
  readonly bands: readonly BandProfile[];
  readonly noData: number;
  /** MODE for classes (no class is invented), AVERAGE for quantities. */
  readonly overviews: 'MODE' | 'AVERAGE';
  readonly tags: Readonly<Record<string, string>>;
}

const tileSize = 512;

/** Byte bands of one grid, written top to bottom. */
export class CogWriter {
  readonly #target: string;
  readonly #grid: Grid;
  readonly #profile: CogProfile;
  readonly #dataset: gdal.Dataset;
  readonly #rawFile: string;
  readonly #vrtFile: string;
  readonly #partFile: string;
  #closed = false;

  private constructor(target: string, grid: Grid, profile: CogProfile, dataset: gdal.Dataset) {
    this.#target = target;
    this.#grid = grid;
    this.#profile = profile;
    this.#dataset = dataset;
    this.#rawFile = rawName(target);
    this.#vrtFile = `${target}.vrt`;
    this.#partFile = `${target}.part`;
  }

  /** Creates the scratch GeoTIFF beside `target` (`.tif`), which appears only when `finish` is done. */
  static async create(target: string, grid: Grid, profile: CogProfile): Promise<CogWriter> {
    const options = ['TILED=YES', `BLOCKXSIZE=${tileSize}`, `BLOCKYSIZE=${tileSize}`];
    options.push('COMPRESS=DEFLATE', 'ZLEVEL=1', 'BIGTIFF=IF_SAFER', 'INTERLEAVE=BAND');
    const { width, height } = grid;
    const dataset = await gdal.openAsync(
      rawName(target),
      'w',
      'GTiff',
      width,
      height,
      profile.bands.length,
      gdal.GDT_Byte,
      options,
    );
    return new CogWriter(target, grid, profile, dataset);
  }

  /** Writes `rows` full rows from row `top` on: `pixels` is band-sequential, bands × rows × width. */
  async writeRows(top: number, rows: number, pixels: Uint8Array): Promise<void> {
    const { width } = this.#grid;
    for (let band = 0; band < this.#profile.bands.length; band++) {
      const plane = pixels.subarray(band * rows * width, (band + 1) * rows * width);
      await this.#dataset.bands.get(band + 1).pixels.writeAsync(0, top, width, rows, plane);
    }
  }

  /**
   * Makes the COG. It appears under its name only when it is whole.
   * @throws Cancelled when the signal fires before the end.
   */
  async finish(signal: AbortSignal): Promise<void> {
    this.#dataset.flush();
    this.#close();
    await writeFile(this.#vrtFile, vrtDocument(this.#rawFile, this.#grid, this.#profile));
    const source = await gdal.openAsync(this.#vrtFile, 'r', 'VRT');
    try {
      const progress_cb = (): void => {
        if (signal.aborted) throw new Cancelled();
      };
      const cog = await gdal.drivers
        .get('COG')
        .createCopyAsync(this.#partFile, source, this.#options(), true, { progress_cb });
      cog.close();
    } catch (error) {
      throw signal.aborted ? new Cancelled() : error;
    } finally {
      source.close();
    }
    await rename(this.#partFile, this.#target);
  }

  /** Removes every scratch file, whether the COG was made or not; safe to call twice. */
  async discard(): Promise<void> {
    this.#close();
    const scratch = [this.#rawFile, this.#vrtFile, this.#partFile];
    await Promise.all(scratch.map((file) => rm(file, { force: true })));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dataset.close();
  }

  #options(): string[] {
    return [
      'COMPRESS=DEFLATE',
      'PREDICTOR=NO',
      'LEVEL=6',
      `BLOCKSIZE=${tileSize}`,
      `OVERVIEW_RESAMPLING=${this.#profile.overviews}`,
      'OVERVIEWS=IGNORE_EXISTING',
      'NUM_THREADS=ALL_CPUS',
      'BIGTIFF=IF_SAFER',
      'STATISTICS=NO',
    ];
  }
}

function rawName(target: string): string {
  return `${target}.raw.tif`;
}

function vrtDocument(rawFile: string, grid: Grid, profile: CogProfile): string {
  const srs = gdal.SpatialReference.fromUserInput(grid.crs).toWKT();
  return [
    `<VRTDataset rasterXSize="${grid.width}" rasterYSize="${grid.height}">`,
    `<SRS>${escape(srs)}</SRS>`,
    `<GeoTransform>${geoTransform(grid).join(', ')}</GeoTransform>`,
    metadata(profile.tags),
    ...profile.bands.map((band, index) => vrtBand(rawFile, index + 1, band, profile.noData)),
    '</VRTDataset>',
  ].join('\n');
}

function vrtBand(rawFile: string, index: number, band: BandProfile, noData: number): string {
  return [
    `<VRTRasterBand dataType="Byte" band="${index}" blockXSize="${tileSize}" blockYSize="${tileSize}">`,
    `<Description>${escape(band.description)}</Description>`,
    metadata(band.tags ?? {}),
    `<NoDataValue>${noData}</NoDataValue>`,
    band.colours == null ? '' : colourTable(band.colours),
    `<SimpleSource><SourceFilename relativeToVRT="0">${escape(rawFile)}</SourceFilename>`,
    `<SourceBand>${index}</SourceBand></SimpleSource>`,
    '</VRTRasterBand>',
  ].join('\n');
}

function colourTable(colours: readonly ColourEntry[]): string {
  const entries = Array.from({ length: 256 }, (_, value) => {
    const rgba = colours.find((colour) => colour.value === value)?.rgba ?? [0, 0, 0, 0];
    return `<Entry c1="${rgba[0]}" c2="${rgba[1]}" c3="${rgba[2]}" c4="${rgba[3]}"/>`;
  });
  return `<ColorInterp>Palette</ColorInterp><ColorTable>${entries.join('')}</ColorTable>`;
}

function metadata(tags: Readonly<Record<string, string>>): string {
  const items = Object.entries(tags).map(
    ([key, value]) => `<MDI key="${escape(key)}">${escape(value)}</MDI>`,
  );
  return `<Metadata>${items.join('')}</Metadata>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
