import { deliveryInputs, requiredForDelivery } from '../../../processes/cloudmask-rules.ts';
import type { Choice, Companion } from './companion.ts';

/** Windows of a whole Sentinel-2 tile (10,980 pixels a side) by stride; a test holds it against the pipeline. */
export const tileWindows: Readonly<Record<string, number>> = {
  '64': 29_584,
  '128': 7396,
  '256': 1849,
  '384': 841,
  '512': 484,
};

const usual = 841;
const most = 29_584;

function strideChoice(windows: number): Choice {
  const times = windows / usual;
  const factor =
    windows === usual ? 'the usual work' : `${times.toFixed(times < 10 ? 1 : 0)} × the work`;
  return {
    title: '',
    text: `${factor}, ${windows.toLocaleString('en')} windows`,
    cost: windows / most,
  };
}

/** Words, colours and costs for the form of `senseiv2-cloudmask`. */
export const cloudMaskCompanion: Companion = {
  processId: 'senseiv2-cloudmask',
  heading: 'Mask clouds and shadows',
  lead: 'SEnSeIv2 sorts every pixel of a Sentinel‑2 (L1C, L2A) or Landsat 8/9 product into clear sky, thick cloud, thin cloud or shadow.',
  questions: {
    product: {
      title: 'Product',
      help: 'The name of a product in an archive of this server, a path below one of its folders, s3://…, or the https:// address of an archive or of a STAC Item.',
    },
    output_style: {
      title: 'What should the mask tell?',
      help: 'Probabilities are summed first, then the largest wins.',
    },
    stride: {
      title: 'Stride',
      help: 'Step of the moving window in pixels. Smaller may give better edges and costs more. Windows are those of a whole Sentinel‑2 tile.',
    },
    categorise: { title: 'Values', help: 'NoData is 255 where the product has no data.' },
    output_storage: { title: 'Where should the result go?', help: 'Own bucket or a link.' },
    s3_endpoint_url: { title: 'Endpoint', help: 'Address of the S3 service.' },
    s3_region: { title: 'Region', help: 'Region of the bucket.' },
    s3_bucket: { title: 'Bucket', help: 'Its name.' },
    s3_prefix: { title: 'Prefix', help: 'Text before the names of the files.' },
    s3_access_key: { title: 'Access key', help: 'Used for this job only.' },
    s3_secret_key: { title: 'Secret key', help: 'Used for this job only, never shown again.' },
  },
  choices: {
    output_style: {
      '4-class': {
        title: 'Four classes',
        text: 'Clear, thick cloud, thin cloud, shadow',
        classes: ['clear sky', 'thick clouds', 'thin clouds', 'cloud shadows'],
      },
      'cloud-noncloud': {
        title: 'Cloud or not',
        text: '1 where cloud of either kind, else 0',
        classes: ['no cloud', 'cloud'],
      },
      'valid-invalid': {
        title: 'Usable or not',
        text: '0 where clear; 1 where cloud or shadow',
        classes: ['valid', 'invalid'],
      },
    },
    stride: Object.fromEntries(
      Object.entries(tileWindows).map(([stride, windows]) => [
        stride,
        { ...strideChoice(windows), title: stride },
      ]),
    ),
    categorise: {
      true: { title: 'Classes', text: 'One band with a colour table and class names' },
      false: { title: 'Probabilities', text: 'One band for each class, 0–100 percent' },
    },
    output_storage: {
      TEMPORARY: {
        title: 'A download link',
        text: 'Lives for a limited time; whoever has the link can read',
      },
      PRIVATE: { title: 'My S3 bucket', text: 'Delivered there; nothing is kept here' },
    },
  },
  group: {
    title: 'Your bucket',
    help: 'Keys are used for this job only and never shown again.',
    inputs: deliveryInputs,
    required: requiredForDelivery,
    when: { input: 'output_storage', value: 'PRIVATE' },
  },
  stages: [
    'Reading the metadata',
    'Masking',
    'Writing the Cloud Optimized GeoTIFF',
    'Drawing the pictures',
  ],
};
