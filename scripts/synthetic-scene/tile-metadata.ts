/** `MTD_TL.xml` (size, place, sun of the tile) and `MTD_DS.xml` (a stub: nothing reads it). */
import { syntheticRemark } from './metadata-values.ts';
import type { MetadataValues } from './metadata-values.ts';

const resolutions = [10, 20, 60] as const;

/** The tile's document as text. */
export function tileMetadata(values: MetadataValues): string {
  const { identity, sun } = values;
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
${syntheticRemark}
<n1:Level-1C_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Tile_Metadata.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <n1:General_Info>
    <TILE_ID metadataLevel="Brief">${identity.granuleId}</TILE_ID>
    <DATASTRIP_ID metadataLevel="Standard">${identity.dataStripId}</DATASTRIP_ID>
    <DOWNLINK_PRIORITY metadataLevel="Standard">NOMINAL</DOWNLINK_PRIORITY>
    <SENSING_TIME metadataLevel="Standard">${identity.tileTime.toISOString()}</SENSING_TIME>
    <Archiving_Info metadataLevel="Expertise">
      <ARCHIVING_CENTRE>2APS</ARCHIVING_CENTRE>
      <ARCHIVING_TIME>${identity.generationTime.toISOString()}</ARCHIVING_TIME>
    </Archiving_Info>
  </n1:General_Info>
  <n1:Geometric_Info>
${tileGeocoding(values)}
    <Tile_Angles metadataLevel="Standard">
      <Mean_Sun_Angle>
        <ZENITH_ANGLE unit="deg">${sun.zenith.toFixed(9)}</ZENITH_ANGLE>
        <AZIMUTH_ANGLE unit="deg">${sun.azimuth.toFixed(9)}</AZIMUTH_ANGLE>
      </Mean_Sun_Angle>
    </Tile_Angles>
  </n1:Geometric_Info>
  <n1:Quality_Indicators_Info metadataLevel="Standard">
    <Image_Content_QI>
      <CLOUDY_PIXEL_PERCENTAGE>${values.cloudPercent.toFixed(4)}</CLOUDY_PIXEL_PERCENTAGE>
      <DEGRADED_MSI_DATA_PERCENTAGE>0</DEGRADED_MSI_DATA_PERCENTAGE>
      <SNOW_PIXEL_PERCENTAGE>${values.snowPercent.toFixed(4)}</SNOW_PIXEL_PERCENTAGE>
    </Image_Content_QI>
  </n1:Quality_Indicators_Info>
</n1:Level-1C_Tile_ID>
`;
}

function tileGeocoding({ tile, grid }: MetadataValues): string {
  const sizes = resolutions.map((resolution) => {
    const factor = resolution / 10;
    return `      <Size resolution="${resolution}">
        <NROWS>${grid.rows / factor}</NROWS>
        <NCOLS>${grid.columns / factor}</NCOLS>
      </Size>`;
  });
  const positions = resolutions.map((resolution) => {
    return `      <Geoposition resolution="${resolution}">
        <ULX>${tile.left}</ULX>
        <ULY>${tile.top}</ULY>
        <XDIM>${resolution}</XDIM>
        <YDIM>${-resolution}</YDIM>
      </Geoposition>`;
  });
  return `    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_NAME>${tile.crsName}</HORIZONTAL_CS_NAME>
      <HORIZONTAL_CS_CODE>EPSG:${tile.epsg}</HORIZONTAL_CS_CODE>
${[...sizes, ...positions].join('\n')}
    </Tile_Geocoding>`;
}

/** The data strip's document as text. */
export function dataStripMetadata({ identity }: MetadataValues): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
${syntheticRemark}
<n1:Level-1C_DataStrip_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Datastrip_Metadata.xsd">
  <n1:General_Info>
    <DATASTRIP_ID metadataLevel="Standard">${identity.dataStripId}</DATASTRIP_ID>
    <Datatake_Info datatakeIdentifier="${identity.dataTakeId}" metadataLevel="Standard">
      <SPACECRAFT_NAME>Sentinel-${identity.satellite.slice(1)}</SPACECRAFT_NAME>
      <DATATAKE_SENSING_START>${identity.sensingTime.toISOString()}</DATATAKE_SENSING_START>
    </Datatake_Info>
    <Processing_Info metadataLevel="Standard">
      <PROCESSING_BASELINE>${identity.baseline}</PROCESSING_BASELINE>
    </Processing_Info>
  </n1:General_Info>
</n1:Level-1C_DataStrip_ID>
`;
}
