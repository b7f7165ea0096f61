/** `manifest.safe`: the list of the product's files with their checksums. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { bands } from './bands.ts';
import type { ProductIdentity } from './identity.ts';
import { syntheticRemark } from './metadata-values.ts';

interface ListedFile {
  readonly id: string;
  readonly unit: string;
  readonly mimeType: string;
  /** Inside the product, with `/`. */
  readonly path: string;
}

/** Writes the manifest for files that are all there. */
export async function writeManifest(folder: string, identity: ProductIdentity): Promise<void> {
  const files = listFiles(identity);
  const units = files.map(({ id, unit }) => {
    return `      <xfdu:contentUnit ID="${id}_Unit" unitType="${unit}"><dataObjectPointer dataObjectID="${id}"/></xfdu:contentUnit>`;
  });
  const objects = await Promise.all(
    files.map((file) => dataObject(folder, file, checksumOf(identity.baseline))),
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>
${syntheticRemark}
<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1" xmlns:safe="http://www.esa.int/safe/sentinel/1.1" version="esa/safe/sentinel/1.1/sentinel-2/msi/archive_l1c_user_product">
  <informationPackageMap>
    <xfdu:contentUnit unitType="Product_Level-1C" textInfo="SENTINEL-2 MSI Level-1C User Product">
${units.join('\n')}
    </xfdu:contentUnit>
  </informationPackageMap>
  <dataObjectSection>
${objects.join('\n')}
  </dataObjectSection>
</xfdu:XFDU>
`;
  await writeFile(path.join(folder, 'manifest.safe'), text);
}

/** Products before baseline 04.00 list MD5, later ones SHA3-256. */
function checksumOf(baseline: string): Checksum {
  return baseline < '04.00'
    ? { name: 'MD5', algorithm: 'md5' }
    : { name: 'SHA3-256', algorithm: 'sha3-256' };
}

interface Checksum {
  readonly name: string;
  readonly algorithm: string;
}

async function dataObject(folder: string, file: ListedFile, checksum: Checksum): Promise<string> {
  const content = path.join(folder, file.path);
  const { size } = await stat(content);
  const hash = createHash(checksum.algorithm);
  await pipeline(createReadStream(content), hash);
  const digest = hash.digest('hex').toUpperCase();
  return `    <dataObject ID="${file.id}">
      <byteStream mimeType="${file.mimeType}" size="${size}">
        <fileLocation locatorType="URL" href="./${file.path}"/>
        <checksum checksumName="${checksum.name}">${digest}</checksum>
      </byteStream>
    </dataObject>`;
}

function listFiles(identity: ProductIdentity): ListedFile[] {
  const xml = { unit: 'Metadata Unit', mimeType: 'text/xml' };
  const image = { unit: 'Measurement Data Unit', mimeType: 'application/octet-stream' };
  const counts = new Map<number, number>();
  const images = bands.map((band) => {
    const count = (counts.get(band.resolution) ?? 0) + 1;
    counts.set(band.resolution, count);
    const id = `IMG_DATA_Band_${band.resolution}m_${count}_Tile1_Data`;
    return { ...image, id, path: `${identity.imagePath(band)}.jp2` };
  });
  return [
    { ...xml, id: 'S2_Level-1C_Product_Metadata', path: 'MTD_MSIL1C.xml' },
    { ...xml, id: 'S2_Level-1C_Tile1_Metadata', path: `${identity.granuleFolder}/MTD_TL.xml` },
    {
      ...xml,
      id: 'S2_Level-1C_Datastrip1_Metadata',
      path: `${identity.dataStripFolder}/MTD_DS.xml`,
    },
    ...images,
  ];
}
