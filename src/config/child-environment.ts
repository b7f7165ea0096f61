import type { Environment } from './config.ts';

/**
 * GDAL opens no network, no side-car files, no Python, and looks at no folder around a file. Drivers that exist to call
 * others are not even registered; one that this GDAL does not have costs a line on stderr.
 */
const gdalOptions = {
  GDAL_PAM_ENABLED: 'NO',
  GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
  GDAL_VRT_ENABLE_PYTHON: 'NO',
  CPL_VSIL_CURL_ALLOWED_FILENAME: '/nonexistent',
  CPL_VSIL_CURL_ALLOWED_EXTENSIONS: '.none',
  GDAL_SKIP:
    'WMS WCS WMTS WFS OAPIF OGCAPI CSW HTTP GTI STACIT STACTA ' +
    'DAAS EEDA EEDAI PLMOSAIC PLSCENES CARTO AMIGOCLOUD PostGISRaster',
};

/**
 * glibc keeps freed blocks of up to 32 MB in its heaps by default: large buffers that come and go on several
 * threads would cost half a gigabyte. From 1 MB on they go back to the system.
 */
const allocator = { MALLOC_MMAP_THRESHOLD_: '1000000', MALLOC_TRIM_THRESHOLD_: '1000000' };

/**
 * What every child may find. A folder of compiled code halves the time in which one starts; who can write it can change
 * what runs, so an operator who makes the sources read-only leaves it out.
 */
const system = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/** What a job child may find on the machine. Everything else of the server's environment stays with the server. */
const inherited = [...system, 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES'];

/** Authorities that the operator trusts besides the usual ones. */
const inheritedByTransfer = [...system, 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

function kept(environment: Environment, names: readonly string[]): Record<string, string> {
  const entries = names.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** The whole environment of a transfer child: its keys come with its order, and no proxy or SDK setting reaches it. */
export function transferEnvironment(
  environment: Environment = process.env,
): Record<string, string> {
  return {
    ...kept(environment, inheritedByTransfer),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    TZ: 'UTC',
  };
}

/** The whole environment of a job child: no setting, no secret, no credential of the server. */
export function childEnvironment(environment: Environment = process.env): Record<string, string> {
  return {
    ...kept(environment, inherited),
    ...gdalOptions,
    ...allocator,
    UV_THREADPOOL_SIZE: '24',
    TZ: 'UTC',
  };
}
