/** `MTD_MSIL1C.xml`: what a reader needs to turn numbers into reflectance. */
import { bands } from './bands.ts';
import type { Band } from './bands.ts';
import { syntheticRemark } from './metadata-values.ts';
import type { MetadataValues } from './metadata-values.ts';
import { quantification } from './sensor.ts';

/** The document as text. */
export function productMetadata(values: MetadataValues): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
${syntheticRemark}
<n1:Level-1C_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-1C.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <n1:General_Info>
${productInfo(values)}
${imageCharacteristics(values)}
  </n1:General_Info>
  <n1:Geometric_Info>
    <Product_Footprint>
      <Product_Footprint>
        <Global_Footprint>
          <EXT_POS_LIST>${values.footprint}</EXT_POS_LIST>
        </Global_Footprint>
      </Product_Footprint>
      <RASTER_CS_TYPE>POINT</RASTER_CS_TYPE>
      <PIXEL_ORIGIN>1</PIXEL_ORIGIN>
    </Product_Footprint>
    <Coordinate_Reference_System>
      <GEO_TABLES version="1">EPSG</GEO_TABLES>
      <HORIZONTAL_CS_TYPE>GEOGRAPHIC</HORIZONTAL_CS_TYPE>
    </Coordinate_Reference_System>
  </n1:Geometric_Info>
  <n1:Quality_Indicators_Info>
    <Cloud_Coverage_Assessment>${values.cloudPercent.toFixed(4)}</Cloud_Coverage_Assessment>
    <Snow_Coverage_Assessment>${values.snowPercent.toFixed(4)}</Snow_Coverage_Assessment>
    <Technical_Quality_Assessment>
      <DEGRADED_ANC_DATA_PERCENTAGE>0.0</DEGRADED_ANC_DATA_PERCENTAGE>
      <DEGRADED_MSI_DATA_PERCENTAGE>0</DEGRADED_MSI_DATA_PERCENTAGE>
    </Technical_Quality_Assessment>
  </n1:Quality_Indicators_Info>
</n1:Level-1C_User_Product>
`;
}

function productInfo({ identity }: MetadataValues): string {
  const sensed = identity.sensingTime.toISOString();
  const images = bands.map((band) => `<IMAGE_FILE>${identity.imagePath(band)}</IMAGE_FILE>`);
  return `    <Product_Info>
      <PRODUCT_START_TIME>${sensed}</PRODUCT_START_TIME>
      <PRODUCT_STOP_TIME>${sensed}</PRODUCT_STOP_TIME>
      <PRODUCT_URI>${identity.productName}</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-1C</PROCESSING_LEVEL>
      <PRODUCT_TYPE>S2MSI1C</PRODUCT_TYPE>
      <PROCESSING_BASELINE>${identity.baseline}</PROCESSING_BASELINE>
      <GENERATION_TIME>${identity.generationTime.toISOString()}</GENERATION_TIME>
      <PREVIEW_IMAGE_URL>Not applicable</PREVIEW_IMAGE_URL>
      <PREVIEW_GEO_INFO>Not applicable</PREVIEW_GEO_INFO>
      <Datatake datatakeIdentifier="${identity.dataTakeId}">
        <SPACECRAFT_NAME>Sentinel-${identity.satellite.slice(1)}</SPACECRAFT_NAME>
        <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
        <DATATAKE_SENSING_START>${sensed}</DATATAKE_SENSING_START>
        <SENSING_ORBIT_NUMBER>${identity.relativeOrbit}</SENSING_ORBIT_NUMBER>
        <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
      </Datatake>
      <Query_Options completeSingleTile="true">
        <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>
      </Query_Options>
      <Product_Organisation>
        <Granule_List>
          <Granule datastripIdentifier="${identity.dataStripId}" granuleIdentifier="${identity.granuleId}" imageFormat="JPEG2000">
            ${images.join('\n            ')}
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>`;
}

function imageCharacteristics({ offset, sun }: MetadataValues): string {
  const irradiances = bands.map(
    (band, id) =>
      `<SOLAR_IRRADIANCE bandId="${id}" unit="W/m²/µm">${band.irradiance}</SOLAR_IRRADIANCE>`,
  );
  return `    <Product_Image_Characteristics>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Image_Display_Order>
        <RED_CHANNEL>3</RED_CHANNEL>
        <GREEN_CHANNEL>2</GREEN_CHANNEL>
        <BLUE_CHANNEL>1</BLUE_CHANNEL>
      </Image_Display_Order>
      <QUANTIFICATION_VALUE unit="none">${quantification}</QUANTIFICATION_VALUE>${offsetList(offset)}
      <Reflectance_Conversion>
        <U>${sun.distanceFactor.toFixed(12)}</U>
        <Solar_Irradiance_List>
          ${irradiances.join('\n          ')}
        </Solar_Irradiance_List>
      </Reflectance_Conversion>
      <Spectral_Information_List>
${bands.map(spectralInformation).join('\n')}
      </Spectral_Information_List>
    </Product_Image_Characteristics>`;
}

/** Empty for a product that is older than the offsets. */
function offsetList(offset: number | null): string {
  if (offset == null) return '';
  const rows = bands.map((_, id) => {
    return `        <RADIO_ADD_OFFSET band_id="${id}">${offset}</RADIO_ADD_OFFSET>\n`;
  });
  return `\n      <Radiometric_Offset_List>\n${rows.join('')}      </Radiometric_Offset_List>`;
}

function spectralInformation({ physicalName, resolution, wavelength }: Band, id: number): string {
  const [min, max, central] = wavelength;
  return `        <Spectral_Information bandId="${id}" physicalBand="${physicalName}">
          <RESOLUTION>${resolution}</RESOLUTION>
          <Wavelength>
            <MIN unit="nm">${min}</MIN>
            <MAX unit="nm">${max}</MAX>
            <CENTRAL unit="nm">${central}</CENTRAL>
          </Wavelength>
        </Spectral_Information>`;
}
