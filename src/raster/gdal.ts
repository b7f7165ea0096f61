/**
 * GDAL's process-wide settings, made once before first use, and what this build of it can do.
 * The settings keep GDAL off the network and away from files that the product did not bring.
 */
import gdal from 'gdal-async';

const MiB = 1024 * 1024;

/** Drivers that reading and writing need. */
const neededDrivers = ['GTiff', 'COG', 'JP2OpenJPEG', 'VRT', 'PNG', 'MEM'] as const;

const settings: Readonly<Record<string, string>> = {
  GDAL_PAM_ENABLED: 'NO',
  GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
  GDAL_VRT_ENABLE_PYTHON: 'NO',
  CPL_VSIL_CURL_ALLOWED_FILENAME: '/nonexistent',
  CPL_VSIL_CURL_ALLOWED_EXTENSIONS: '.none',
  GDAL_NUM_THREADS: 'ALL_CPUS',
  // Blocks are kept by the scene itself: the cache only has to hold the tiles of one read.
  GDAL_CACHEMAX: String(16 * MiB),
};

for (const [name, value] of Object.entries(settings)) gdal.config.set(name, value);

/** Version and drivers of the GDAL that is loaded. */
export interface RasterSupport {
  readonly gdal: string;
  readonly drivers: string[];
  /** Drivers without which jobs will fail. */
  readonly missingDrivers: string[];
}

/** Says which GDAL this is and whether every driver that a job needs is there. */
export function describeRaster(): RasterSupport {
  const drivers = gdal.drivers.getNames();
  return {
    gdal: gdal.version,
    drivers: neededDrivers.filter((name) => drivers.includes(name)),
    missingDrivers: neededDrivers.filter((name) => !drivers.includes(name)),
  };
}

export { gdal };
