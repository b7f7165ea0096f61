// Run by the Node.js in use: loads the native packages and prints what they are, or fails.
//   node natives.js gdal | node natives.js all

import { createRequire } from 'node:module';
import process from 'node:process';

import { neededDrivers } from './plan.js';

/** @type {(name: string) => any} */
const load = createRequire(import.meta.url);

function gdal() {
  const library = load('gdal-async');
  const missingDrivers = neededDrivers.filter((name) => !library.drivers.getNames().includes(name));
  return { version: library.version, missingDrivers };
}

function sqlite() {
  const Database = load('better-sqlite3');
  const database = new Database(':memory:');
  const { version } = database.prepare('SELECT sqlite_version() AS version').get();
  database.close();
  return { version };
}

const onnxruntime = () => ({ version: load('onnxruntime-node').env.versions.node });

const sharp = () => ({ version: load('sharp').versions.vips });

const found =
  process.argv[2] === 'gdal'
    ? { gdal: gdal() }
    : { gdal: gdal(), onnxruntime: onnxruntime(), sqlite: sqlite(), sharp: sharp() };
process.stdout.write(JSON.stringify(found));
