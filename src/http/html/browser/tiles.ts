/** Tiles of the mask: asked for once, kept as values, coloured when they are drawn. */
import type { Cog } from './cog.ts';
import { paint, type Look } from './look.ts';

interface Tile {
  values?: Uint8Array;
  picture?: HTMLCanvasElement;
}

export interface TilePlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

const mostTiles = 200;

export class Tiles {
  readonly #cog: Cog;
  readonly #changed: (trouble?: string) => void;
  readonly #tiles = new Map<string, Tile>();
  #look: Look;
  #band = 0;
  loading = 0;

  /** @param changed called when a tile has come, or with the reason why not */
  constructor(cog: Cog, look: Look, changed: (trouble?: string) => void) {
    this.#cog = cog;
    this.#look = look;
    this.#changed = changed;
  }

  /** Colours everything anew, of another band if need be. */
  show(look: Look, band: number): void {
    this.#look = look;
    this.#band = band;
    for (const tile of this.#tiles.values()) delete tile.picture;
  }

  /**
   * The picture of a tile: undefined while it is on its way, and when it could not be had.
   * @param isAsked ask for it when it is not there
   */
  picture(place: TilePlace, isAsked: boolean): HTMLCanvasElement | undefined {
    const key = this.#key(place);
    const tile = this.#tiles.get(key);
    if (tile === undefined) {
      if (isAsked) void this.#load(key, place);
      return undefined;
    }
    // Least recently used goes first.
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    if (tile.values === undefined) return undefined;
    return (tile.picture ??= this.#coloured(tile.values, place));
  }

  /** The value at a place of the projection, of the finest level that is there. */
  valueAt(east: number, north: number): number | undefined {
    const [west, , , top] = this.#cog.bounds;
    for (const [level, { resolution, tile, width }] of this.#cog.levels.entries()) {
      const [x, y] = [
        Math.floor((east - west) / resolution),
        Math.floor((top - north) / resolution),
      ];
      const place = { level, column: Math.floor(x / tile), row: Math.floor(y / tile) };
      const values = this.#tiles.get(this.#key(place))?.values;
      const cut = Math.min(tile, width - place.column * tile);
      if (values !== undefined) return values[(y % tile) * cut + (x % tile)];
    }
    return undefined;
  }

  #key({ level, column, row }: TilePlace): string {
    return `${this.#band}/${level}/${column}/${row}`;
  }

  async #load(key: string, { level, column, row }: TilePlace): Promise<void> {
    const tile: Tile = {};
    this.#tiles.set(key, tile);
    const [oldest] = this.#tiles.keys();
    if (this.#tiles.size > mostTiles && oldest !== undefined) this.#tiles.delete(oldest);
    this.loading += 1;
    try {
      tile.values = await this.#cog.tile(level, column, row, this.#band);
      this.loading -= 1;
      this.#changed();
    } catch (error) {
      this.loading -= 1;
      this.#changed(error instanceof Error ? error.message : String(error));
    }
  }

  #coloured(values: Uint8Array, { level, column }: TilePlace): HTMLCanvasElement {
    const size = this.#cog.levels[level];
    const width = size === undefined ? 1 : Math.min(size.tile, size.width - column * size.tile);
    const picture = document.createElement('canvas');
    picture.width = width;
    picture.height = values.length / width;
    const pen = picture.getContext('2d');
    const image = new ImageData(width, picture.height);
    paint(values, new Uint32Array(image.data.buffer), width, this.#look);
    pen?.putImageData(image, 0, 0);
    return picture;
  }
}
