/**
 * The band embedding in WebAssembly SIMD. This file is AssemblyScript, not TypeScript: `npm run build:kernel` compiles
 * it to `../kernel.wasm`.
 *
 * The sum over bands of gain · sin(frequency · (x + phase)) has 32 sines for each value x. Within one window the
 * parameters of a band are constant, so each band gets a table: its axis is cut into cells of one width (a power of
 * two), and each cell that occurs has a row with sine and cosine of every channel at the cell's centre. With d, the exact
 * distance of x to that centre, a channel's term is
 *
 *     gain · (sin + d · frequency · cos − d² · frequency²/2 · sin),   wrong by at most |gain · (frequency · width / 2)³| / 6.
 *
 * Rows are computed in float64. A map leads from the cell's number to its row, so far outliers cost one row each. A band
 * of one value goes into the start of the sum. A band for which map or rows do not suffice gets rows of its own for
 * every pixel: slow, but exact.
 *
 * Everything is done for 32 channels: eight vectors that stay in registers.
 */

import { laneBytes, parameterBytes, rowBytes, writeRow } from './row';

/** Pixels that are worked on together. */
const block: usize = 64;
const pixelBytes: usize = 4;
/** Rows and map entries of all bands together. */
const rowCapacity: usize = 65_536;
const mapCapacity: usize = 1_048_576;
/** So few cells all get a row, without a look at which of them occur. */
const denseCells: usize = 2_048;
const maximumCell: f32 = 1_073_741_824;
const pageBytes: usize = 65_536;

/** Where the caller writes and reads. */
export let valuesAt: usize = 0;
export let outputAt: usize = 0;
export let parametersAt: usize = 0;
export let shiftAt: usize = 0;

let pixels: usize = 0;
let bandRecordsAt: usize = 0;
/** frequency²/2 of each band that is not constant. */
let curvaturesAt: usize = 0;
/** Of one block: row address and distance to the cell's centre for each band and pixel. */
let rowsAt: usize = 0;
let distancesAt: usize = 0;
let directRowsAt: usize = 0;
let tileAt: usize = 0;
let mapAt: usize = 0;
let tableAt: usize = 0;

let active: i32 = 0;
let usedRows: usize = 0;
let usedCells: usize = 0;

/** A band that is not constant. */
@unmanaged
class Band {
  /** Too much for map or table. */
  isDirect: bool;
  values: usize;
  parameters: usize;
  map: usize;
  firstCell: i32;
  lastIndex: i32;
  width: f32;
  perWidth: f32;
}

/** Lays out the memory; false where it cannot be had. */
export function reserve(patch: i32, channels: i32, bands: i32): bool {
  pixels = <usize>patch * <usize>patch;
  const plane = pixels * pixelBytes;
  const many = <usize>bands;
  let at = (__heap_base + 63) & ~63;
  parametersAt = at;
  at += many * parameterBytes;
  shiftAt = at;
  at += laneBytes;
  bandRecordsAt = at;
  at += many * 64;
  curvaturesAt = at;
  at += many * laneBytes;
  rowsAt = at;
  at += many * block * 4;
  distancesAt = at;
  at += many * block * 4;
  tileAt = at;
  at += block * laneBytes;
  directRowsAt = at;
  at += many * block * rowBytes;
  mapAt = at;
  at += mapCapacity * 4;
  tableAt = at;
  at += rowCapacity * rowBytes;
  valuesAt = at;
  at += many * plane;
  outputAt = at;
  at += <usize>channels * plane;
  const missing = <i32>((at + pageBytes - 1) / pageBytes) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

/** Forgets the bands of the window before. */
export function begin(): void {
  active = 0;
  usedRows = 0;
  usedCells = 0;
}

/**
 * Looks at a band's values and builds its rows. Parameters and values have been written.
 * @param width of a cell: a power of two
 */
export function prepare(index: i32, width: f32): void {
  const band = changetype<Band>(bandRecordsAt + <usize>active * 64);
  band.values = valuesAt + <usize>index * pixels * pixelBytes;
  band.parameters = parametersAt + <usize>index * parameterBytes;
  band.width = width;
  band.perWidth = 1 / width;
  if (measure(band)) {
    addConstant(band);
    return;
  }
  const curvatures = curvaturesAt + <usize>active * laneBytes;
  for (let channel: usize = 0; channel < 32; channel++) {
    const frequency = load<f64>(band.parameters + channel * 8);
    store<f32>(curvatures + channel * 4, <f32>(frequency * frequency * 0.5));
  }
  active++;
  if (!band.isDirect) buildTable(band);
}

/** Range of the values, and so of the cells. True where all are one value. */
function measure(band: Band): bool {
  const first = v128.load32_splat(band.values);
  let low = f32x4.splat(f32.MAX_VALUE);
  let high = f32x4.splat(-f32.MAX_VALUE);
  let differing = f32x4.ne(first, first);
  const end = band.values + pixels * pixelBytes;
  for (let at = band.values; at < end; at += 16) {
    const x = v128.load(at);
    low = f32x4.pmin(low, x);
    high = f32x4.pmax(high, x);
    differing = v128.or(differing, f32x4.ne(x, first));
  }
  if (!v128.any_true(differing)) return true;
  const lowest = nearest<f32>(leastOf(low) * band.perWidth);
  const highest = nearest<f32>(-leastOf(f32x4.neg(high)) * band.perWidth);
  const isInReach = lowest > -maximumCell && highest < maximumCell && lowest <= highest;
  const cells = isInReach ? <usize>(<i32>highest - <i32>lowest) + 1 : mapCapacity + 1;
  band.isDirect = cells > mapCapacity - usedCells;
  if (band.isDirect) return false;
  band.firstCell = <i32>lowest;
  band.lastIndex = <i32>(cells - 1);
  band.map = mapAt + usedCells * 4;
  return false;
}

function leastOf(x: v128): f32 {
  return min<f32>(
    min<f32>(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    min<f32>(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}

/** A row for the one value, added to the shift. */
function addConstant(band: Band): void {
  writeRow(directRowsAt, band.parameters, <f64>load<f32>(band.values));
  for (let at: usize = 0; at < laneBytes; at += 16) {
    v128.store(shiftAt + at, f32x4.add(v128.load(shiftAt + at), v128.load(directRowsAt + at)));
  }
}

/** Map and rows of a band; makes it direct where rows are too few. */
function buildTable(band: Band): void {
  const cells = <usize>band.lastIndex + 1;
  const isDense = cells <= denseCells;
  if (!isDense) markCells(band);
  const left = rowCapacity - usedRows;
  let wanted = cells;
  if (!isDense) {
    wanted = 0;
    for (let index: usize = 0; index < cells; index++) wanted += load<u32>(band.map + (index << 2));
  }
  if (wanted > left) {
    band.isDirect = true;
    return;
  }
  let row = tableAt + usedRows * rowBytes;
  usedRows += wanted;
  usedCells += cells;
  for (let index: usize = 0; index < cells; index++) {
    const entry = band.map + (index << 2);
    const occurs = isDense || load<u32>(entry) != 0;
    // A cell without a row is never asked for, but for NaN, whose term is NaN with every row.
    store<u32>(entry, <u32>(occurs ? row : tableAt));
    if (!occurs) continue;
    writeRow(row, band.parameters, <f64>(band.firstCell + <i32>index) * <f64>band.width);
    row += rowBytes;
  }
}

/** Sets the map to 1 for cells that occur, to 0 for the others. */
function markCells(band: Band): void {
  memory.fill(band.map, 0, (<usize>band.lastIndex + 1) * 4);
  const end = band.values + pixels * pixelBytes;
  for (let at = band.values; at < end; at += 16) {
    const index = cellIndex(
      band,
      f32x4.nearest(f32x4.mul(v128.load(at), f32x4.splat(band.perWidth))),
    );
    store<i32>(band.map + ((<usize>i32x4.extract_lane(index, 0)) << 2), 1);
    store<i32>(band.map + ((<usize>i32x4.extract_lane(index, 1)) << 2), 1);
    store<i32>(band.map + ((<usize>i32x4.extract_lane(index, 2)) << 2), 1);
    store<i32>(band.map + ((<usize>i32x4.extract_lane(index, 3)) << 2), 1);
  }
}

/** Place in the map of four cells, within the map whatever the values are. */
function cellIndex(band: Band, cell: v128): v128 {
  const index = i32x4.sub(i32x4.trunc_sat_f32x4_s(cell), i32x4.splat(band.firstCell));
  return i32x4.max_s(i32x4.min_s(index, i32x4.splat(band.lastIndex)), i32x4.splat(0));
}

/**
 * The sum over the prepared bands, for every pixel.
 * @param first channel that is written
 * @param channels at most 32, a multiple of 4
 */
export function embed(first: i32, channels: i32): void {
  const plane = pixels * pixelBytes;
  const target = outputAt + <usize>first * plane;
  for (let pixel: usize = 0; pixel < pixels; pixel += block) {
    for (let slot = 0; slot < active; slot++) locate(slot, pixel);
    for (let inBlock: usize = 0; inBlock < block; inBlock++) sumPixel(inBlock);
    for (let channel = 0; channel < channels; channel += 4) {
      writeChannels(channel, target + <usize>channel * plane + pixel * pixelBytes, plane);
    }
  }
}

/** Rows and distances of one band's values in a block. */
function locate(slot: i32, pixel: usize): void {
  const band = changetype<Band>(bandRecordsAt + <usize>slot * 64);
  const values = band.values + pixel * pixelBytes;
  const place = <usize>slot * block * 4;
  if (band.isDirect) {
    locateDirect(band, values, slot);
    return;
  }
  const width = f32x4.splat(band.width);
  const perWidth = f32x4.splat(band.perWidth);
  for (let at: usize = 0; at < block * 4; at += 16) {
    const x = v128.load(values + at);
    const cell = f32x4.nearest(f32x4.mul(x, perWidth));
    v128.store(distancesAt + place + at, f32x4.sub(x, f32x4.mul(cell, width)));
    const index = cellIndex(band, cell);
    const rows = rowsAt + place + at;
    store<u32>(rows, load<u32>(band.map + ((<usize>i32x4.extract_lane(index, 0)) << 2)));
    store<u32>(rows, load<u32>(band.map + ((<usize>i32x4.extract_lane(index, 1)) << 2)), 4);
    store<u32>(rows, load<u32>(band.map + ((<usize>i32x4.extract_lane(index, 2)) << 2)), 8);
    store<u32>(rows, load<u32>(band.map + ((<usize>i32x4.extract_lane(index, 3)) << 2)), 12);
  }
}

/** A row of its own for each pixel. */
function locateDirect(band: Band, values: usize, slot: i32): void {
  const place = <usize>slot * block;
  for (let pixel: usize = 0; pixel < block; pixel++) {
    const row = directRowsAt + (place + pixel) * rowBytes;
    writeRow(row, band.parameters, <f64>load<f32>(values + pixel * pixelBytes));
    store<u32>(rowsAt + (place + pixel) * 4, <u32>row);
    store<f32>(distancesAt + (place + pixel) * 4, 0);
  }
}

/** All channels of one pixel, into the tile. */
function sumPixel(pixel: usize): void {
  let sum0 = v128.load(shiftAt, 0);
  let sum1 = v128.load(shiftAt, 16);
  let sum2 = v128.load(shiftAt, 32);
  let sum3 = v128.load(shiftAt, 48);
  let sum4 = v128.load(shiftAt, 64);
  let sum5 = v128.load(shiftAt, 80);
  let sum6 = v128.load(shiftAt, 96);
  let sum7 = v128.load(shiftAt, 112);
  let curvature = curvaturesAt;
  let at = pixel * 4;
  const end = at + <usize>active * block * 4;
  for (; at < end; at += block * 4) {
    const row = <usize>load<u32>(rowsAt + at);
    const distance = v128.load32_splat(distancesAt + at);
    const square = f32x4.mul(distance, distance);
    sum0 = addTerm(sum0, row, distance, f32x4.mul(square, v128.load(curvature, 0)));
    sum1 = addTerm(sum1, row + 16, distance, f32x4.mul(square, v128.load(curvature, 16)));
    sum2 = addTerm(sum2, row + 32, distance, f32x4.mul(square, v128.load(curvature, 32)));
    sum3 = addTerm(sum3, row + 48, distance, f32x4.mul(square, v128.load(curvature, 48)));
    sum4 = addTerm(sum4, row + 64, distance, f32x4.mul(square, v128.load(curvature, 64)));
    sum5 = addTerm(sum5, row + 80, distance, f32x4.mul(square, v128.load(curvature, 80)));
    sum6 = addTerm(sum6, row + 96, distance, f32x4.mul(square, v128.load(curvature, 96)));
    sum7 = addTerm(sum7, row + 112, distance, f32x4.mul(square, v128.load(curvature, 112)));
    curvature += laneBytes;
  }
  const tile = tileAt + pixel * laneBytes;
  v128.store(tile, sum0, 0);
  v128.store(tile, sum1, 16);
  v128.store(tile, sum2, 32);
  v128.store(tile, sum3, 48);
  v128.store(tile, sum4, 64);
  v128.store(tile, sum5, 80);
  v128.store(tile, sum6, 96);
  v128.store(tile, sum7, 112);
}

function addTerm(sum: v128, row: usize, distance: v128, bend: v128): v128 {
  const sine = v128.load(row);
  const change = f32x4.sub(f32x4.mul(distance, v128.load(row, laneBytes)), f32x4.mul(bend, sine));
  return f32x4.add(sum, f32x4.add(sine, change));
}

/** Four channels of the tile, turned from pixel after pixel to channel after channel. */
function writeChannels(channel: i32, target: usize, plane: usize): void {
  let tile = tileAt + <usize>channel * 4;
  for (let at: usize = 0; at < block * 4; at += 16) {
    const a = v128.load(tile);
    const b = v128.load(tile, laneBytes);
    const c = v128.load(tile, laneBytes * 2);
    const d = v128.load(tile, laneBytes * 3);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    const to = target + at;
    v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
    v128.store(to + plane, v128.shuffle<f64>(ab, cd, 1, 3));
    v128.store(to + plane * 2, v128.shuffle<f64>(abHigh, cdHigh, 0, 2));
    v128.store(to + plane * 3, v128.shuffle<f64>(abHigh, cdHigh, 1, 3));
    tile += laneBytes * 4;
  }
}
