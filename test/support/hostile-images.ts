/** Makes band files hostile: each attack changes the bytes of a sound GeoTIFF or JPEG 2000 file, or puts something beside it. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import gdal from 'gdal-async';
import { random } from './random.ts';

/** Changes the band file; `trap` is `host:port`. */
export interface ImageAttack {
  readonly attack: string;
  readonly change: (file: string, trap: string) => void;
  /** What the refusal says; `masked` where it changes nothing; `any` where both are right. */
  readonly ends: RegExp | 'masked' | 'any';
  /** Whoever follows what it says calls the trap. */
  readonly calls?: true;
}

const bytesChanged =
  (change: (bytes: Buffer) => Uint8Array): ImageAttack['change'] =>
  (file) =>
    writeFileSync(file, change(readFileSync(file)));

const beside =
  (ending: string, content: (trap: string) => string): ImageAttack['change'] =>
  (file, trap) =>
    writeFileSync(`${file}${ending}`, content(trap));

const overviews = (trap: string): string =>
  `<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsicurl/http://${trap}/x.tif</MDI></Metadata></PAMDataset>`;

/** A raster that GDAL would read from elsewhere. */
const vrt = (source: string): string =>
  `<VRTDataset rasterXSize="60" rasterYSize="60"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource><SourceFilename relativeToVRT="0">${source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>`;

const damaged =
  /cannot be (opened|decoded)|is damaged|rows × columns|is of type|holds \d+ bands|block/;

const everywhere: readonly ImageAttack[] = [
  {
    attack: 'VRT of a file of this machine',
    change: (file) => writeFileSync(file, vrt('/etc/passwd')),
    ends: damaged,
  },
  {
    attack: 'VRT of the trap',
    calls: true,
    change: (file, trap) => writeFileSync(file, vrt(`/vsicurl/http://${trap}/x.tif`)),
    ends: damaged,
  },
  {
    attack: 'a driver for the web',
    calls: true,
    change: (file, trap) =>
      writeFileSync(
        file,
        `<GDAL_WMS><Service name="TMS"><ServerUrl>http://${trap}/</ServerUrl></Service></GDAL_WMS>`,
      ),
    ends: damaged,
  },
  {
    attack: '.aux.xml with an overview',
    calls: true,
    change: beside('.aux.xml', overviews),
    ends: 'masked',
  },
  {
    attack: '.ovr and .msk that are VRT',
    calls: true,
    change: (file, trap) => {
      for (const ending of ['.ovr', '.msk', '.msk.ovr'])
        writeFileSync(`${file}${ending}`, vrt(`/vsicurl/http://${trap}/x.tif`));
    },
    ends: 'masked',
  },
  {
    attack: 'sidecars of positions',
    change: (file) => {
      for (const ending of ['.tfw', '.j2w', '.tab', '.prj', '.imd'])
        writeFileSync(file.replace(/\.\w+$/, ending), '9\n0\n0\n9\n0\n0\n');
    },
    ends: 'masked',
  },
  { attack: 'empty', change: (file) => writeFileSync(file, ''), ends: /empty/ },
  {
    attack: 'a page of a login',
    change: (file) => writeFileSync(file, '<html>Sign in</html>'),
    ends: damaged,
  },
  {
    attack: 'a MB of garbage behind it',
    change: (file) => appendFileSync(file, Buffer.alloc(2 ** 20, 7)),
    ends: 'any',
  },
];

/** Tags of TIFF by number; values of one word, in little-endian classic TIFF. */
const tags = {
  width: 256,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  predictor: 317,
  tileWidth: 322,
  tileOffsets: 324,
  tileBytes: 325,
  format: 339,
} as const;

/** Place of a tag's entry in the first directory; undefined where it is not there. */
function entryOf(bytes: Buffer, tag: number): number | undefined {
  const start = bytes.readUInt32LE(4);
  const count = bytes.readUInt16LE(start);
  const places = Array.from({ length: count }, (_, index) => start + 2 + 12 * index);
  return places.find((place) => bytes.readUInt16LE(place) === tag);
}

/** Sets the first of these tags that is there to a number. */
const tagged = (names: readonly (keyof typeof tags)[], value: number): ImageAttack['change'] =>
  bytesChanged((bytes) => {
    const places = names.flatMap((name) => entryOf(bytes, tags[name]) ?? []);
    const [place] = places;
    if (place === undefined) throw new Error(`The file has no tag ${names.join(' or ')}.`);
    bytes.writeUInt32LE(value, place + 8);
    return bytes;
  });

const rewritten =
  (
    options: readonly string[],
    meta?: (trap: string) => Record<string, string>,
  ): ImageAttack['change'] =>
  (file, trap) => {
    const source = gdal.open(readFileSync(file));
    const copy = gdal.drivers.get('GTiff').createCopy(file, source, [...options]);
    if (meta !== undefined) copy.setMetadata(meta(trap), 'OVERVIEWS');
    copy.close();
    source.close();
  };

/** Attacks on a GeoTIFF. */
export const tiffAttacks: readonly ImageAttack[] = [
  ...everywhere,
  {
    attack: 'metadata with an overview elsewhere',
    calls: true,
    change: rewritten([], (trap) => ({ OVERVIEW_FILE: `/vsicurl/http://${trap}/x.tif` })),
    ends: 'masked',
  },
  {
    attack: 'tiles of 8192²',
    change: rewritten([
      'TILED=YES',
      'BLOCKXSIZE=8192',
      'BLOCKYSIZE=8192',
      'SPARSE_OK=TRUE',
      'COMPRESS=DEFLATE',
    ]),
    ends: damaged,
  },
  { attack: 'a width of 2³¹', change: tagged(['width'], 2 ** 31), ends: damaged },
  {
    attack: 'strips of 2³¹ rows',
    change: tagged(['rowsPerStrip', 'tileWidth'], 2 ** 31),
    ends: 'any',
  },
  { attack: 'tiles of no width', change: tagged(['tileWidth', 'rowsPerStrip'], 0), ends: 'any' },
  { attack: '65,535 samples', change: tagged(['samples'], 65_535), ends: damaged },
  { attack: 'samples of 1 bit', change: tagged(['bits'], 1), ends: damaged },
  { attack: 'samples of 64 bits', change: tagged(['bits'], 64), ends: damaged },
  { attack: 'samples that are complex', change: tagged(['format'], 6), ends: 'any' },
  {
    attack: 'pixels behind the end',
    change: tagged(['tileOffsets', 'stripOffsets'], 2 ** 31),
    ends: 'any',
  },
  {
    attack: 'a block of 4 GB',
    change: tagged(['tileBytes', 'stripBytes'], 2 ** 32 - 1),
    ends: 'any',
  },
  ...[1, 5, 7, 34_887, 34_925, 50_000, 50_001, 65_535].map((code): ImageAttack => ({
    attack: `said to be packed by method ${code}`,
    change: tagged(['compression'], code),
    ends: 'any',
  })),
  {
    attack: 'a directory that follows itself',
    change: bytesChanged((bytes) => {
      const start = bytes.readUInt32LE(4);
      bytes.writeUInt32LE(start, start + 2 + 12 * bytes.readUInt16LE(start));
      return bytes;
    }),
    ends: 'any',
  },
  {
    attack: 'a directory at the end of 4 GB',
    change: bytesChanged((bytes) => (bytes.writeUInt32LE(2 ** 32 - 2, 4), bytes)),
    ends: damaged,
  },
  {
    attack: 'a directory of 65,535 entries',
    change: bytesChanged((bytes) => (bytes.writeUInt16LE(65_535, bytes.readUInt32LE(4)), bytes)),
    ends: damaged,
  },
  {
    attack: 'sparse, packed with LZW',
    change: rewritten(['COMPRESS=LZW', 'SPARSE_OK=TRUE']),
    ends: 'masked',
  },
];

/** Sets bytes of the image header (SIZ) or the coding style (COD) of a JPEG 2000 codestream. */
const marked = (marker: number, offset: number, write: readonly number[]): ImageAttack['change'] =>
  bytesChanged((bytes) => {
    const place = bytes.indexOf(Buffer.of(0xff, marker));
    if (place < 0) throw new Error('The file has no such marker.');
    bytes.set(write, place + 2 + offset);
    return bytes;
  });

const [siz, cod, qcd, sot] = [0x51, 0x52, 0x5c, 0x90];

/** A box of JP2 before the codestream. */
const boxed =
  (type: string, content: (trap: string) => Buffer): ImageAttack['change'] =>
  (file, trap) => {
    const bytes = readFileSync(file);
    const place = bytes.indexOf('jp2c') - 4;
    const data = content(trap);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length + 8);
    head.write(type, 4, 'latin1');
    writeFileSync(
      file,
      Buffer.concat([bytes.subarray(0, place), head, data, bytes.subarray(place)]),
    );
  };

/** Attacks on a JPEG 2000 file. */
export const jpeg2000Attacks: readonly ImageAttack[] = [
  ...everywhere,
  {
    attack: 'an image of 2³² × 2³²',
    change: marked(siz, 4, [255, 255, 255, 255, 255, 255, 255, 255]),
    ends: damaged,
  },
  { attack: 'tiles of 1 × 1', change: marked(siz, 20, [0, 0, 0, 1, 0, 0, 0, 1]), ends: 'any' },
  { attack: 'tiles of no size', change: marked(siz, 20, [0, 0, 0, 0, 0, 0, 0, 0]), ends: damaged },
  { attack: '16,384 components', change: marked(siz, 36, [0x40, 0]), ends: damaged },
  { attack: 'samples of 38 bits', change: marked(siz, 38, [37]), ends: damaged },
  {
    attack: 'samples of which each second counts',
    change: marked(siz, 39, [255, 255]),
    ends: 'any',
  },
  { attack: '65,535 layers', change: marked(cod, 4, [255, 255]), ends: 'any' },
  { attack: '32 resolutions', change: marked(cod, 7, [32]), ends: 'any' },
  { attack: 'blocks of code of 2¹⁷', change: marked(cod, 8, [15, 15]), ends: 'any' },
  { attack: 'quantisation of another kind', change: marked(qcd, 2, [0xff]), ends: 'any' },
  { attack: 'a tile part of 4 GB', change: marked(sot, 4, [255, 255, 255, 255]), ends: 'any' },
  { attack: 'tile 65,535', change: marked(sot, 2, [255, 255]), ends: 'any' },
  {
    attack: 'GML that leads to the trap',
    calls: true,
    change: boxed('asoc', (trap) =>
      Buffer.from(
        `\0\0\0\x14lbl gml.root-instance<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="x" xlink:href="http://${trap}/"/>`,
      ),
    ),
    ends: 'any',
  },
  {
    attack: 'XML with an entity',
    calls: true,
    change: boxed('xml ', (trap) =>
      Buffer.from(`<!DOCTYPE a [<!ENTITY b SYSTEM "http://${trap}/">]><a>&b;</a>`),
    ),
    ends: 'any',
  },
  {
    attack: 'an address box (url)',
    calls: true,
    change: boxed('url ', (trap) => Buffer.from(`\0\0\0\0http://${trap}/\0`)),
    ends: 'any',
  },
  {
    attack: 'boxes in boxes',
    change: boxed('asoc', () =>
      Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from('\0\0\0\0asoc', 'latin1'))),
    ),
    ends: 'any',
  },
];

/** Seeded damages of any file: bits that flip, bytes that go, ends that are cut. */
export function damages(count: number, seed: number): ImageAttack[] {
  return Array.from({ length: count }, (_, index): ImageAttack => {
    const isCut = index % 4 === 3;
    return {
      attack: isCut ? `cut off, ${seed}.${index}` : `bits flipped, ${seed}.${index}`,
      change: bytesChanged((bytes) => damagedBytes(bytes, random(1000 * seed + index), isCut)),
      ends: 'any',
    };
  });
}

function damagedBytes(bytes: Buffer, draw: () => number, isCut: boolean): Uint8Array {
  if (isCut) return bytes.subarray(0, Math.floor(draw() * bytes.length));
  const flips = 1 + Math.floor(draw() * 12);
  // Half of them in the headers.
  const end = draw() < 0.5 ? Math.min(bytes.length, 400) : bytes.length;
  for (let flip = 0; flip < flips; flip++) {
    const place = Math.floor(draw() * end);
    bytes.writeUInt8((bytes[place] ?? 0) ^ (1 << Math.floor(draw() * 8)), place);
  }
  return bytes;
}
