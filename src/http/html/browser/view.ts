/** Which part of the mask is seen: a centre and a resolution, as plain numbers. */
import type { Bounds } from './cog.ts';

export class View {
  readonly bounds: Bounds;
  /** Metres of the finest pixel. */
  readonly finest: number;
  /** CSS pixels. */
  width = 0;
  height = 0;
  /** Device pixels of a CSS pixel. */
  ratio = 1;
  east = 0;
  north = 0;
  /** Metres of a CSS pixel, now and when everything is seen. */
  resolution = 1;
  whole = 1;

  constructor(bounds: Bounds, finest: number) {
    this.bounds = bounds;
    this.finest = finest;
  }

  resize(width: number, height: number, ratio: number): void {
    // Who sees everything goes on seeing everything, on paper too.
    const isFit = this.width === 0 || this.resolution === this.whole;
    Object.assign(this, { width, height, ratio });
    if (isFit) this.fit();
  }

  fit(): void {
    const [west, south, east, north] = this.bounds;
    this.east = (west + east) / 2;
    this.north = (south + north) / 2;
    this.whole = Math.max((east - west) / this.width, (north - south) / this.height) * 1.02;
    this.resolution = this.whole;
  }

  /** Zooms by a factor, keeping the place under (x, y) where it is. */
  zoom(factor: number, x = this.width / 2, y = this.height / 2): void {
    const wanted = Math.max(this.finest / 8, this.resolution / factor);
    const [east, north] = this.place(x, y);
    this.resolution = Math.min(this.whole * 1.5, wanted);
    this.east = east - (x - this.width / 2) * this.resolution;
    this.north = north + (y - this.height / 2) * this.resolution;
  }

  pan(dx: number, dy: number): void {
    const [west, south, east, north] = this.bounds;
    this.east = Math.min(east, Math.max(west, this.east - dx * this.resolution));
    this.north = Math.min(north, Math.max(south, this.north + dy * this.resolution));
  }

  /** CSS pixels → the projection. */
  place(x: number, y: number): [number, number] {
    return [
      this.east + (x - this.width / 2) * this.resolution,
      this.north - (y - this.height / 2) * this.resolution,
    ];
  }

  /** The projection → device pixels, rounded: neighbours share an edge, nothing is blended. */
  pixel(east: number, north: number): [number, number] {
    return [
      Math.round(((east - this.east) / this.resolution + this.width / 2) * this.ratio),
      Math.round(((this.north - north) / this.resolution + this.height / 2) * this.ratio),
    ];
  }

  isWithin(east: number, north: number): boolean {
    const [west, south, right, top] = this.bounds;
    return east >= west && east <= right && north >= south && north <= top;
  }

  get isWhole(): boolean {
    return this.resolution >= this.whole * 0.99;
  }
}
