/** The one table of settings: the configuration, its checks and the README's table are made from it. */
import { join } from 'node:path';
import { defaultLayouts, placeholders } from '../sources/archive-layouts.ts';
import { accessSettings } from './access-settings.ts';
import { bucketsFile } from './buckets-file.ts';
import { outboundSettings } from './outbound-settings.ts';
import * as parse from './parse.ts';
import { projectFolder } from './project-folder.ts';
import { queueSettings } from './queue-settings.ts';
import { setting, type Setting } from './setting.ts';

export const settings = {
  host: setting({
    name: 'HOST',
    default: '127.0.0.1',
    example: '0.0.0.0',
    meaning: 'Address on which the server listens.',
    parse: parse.text(/^[\w.:%-]+$/, 'a host name or an IP address'),
  }),
  port: setting({
    name: 'PORT',
    default: '8080',
    example: '80',
    meaning: 'Port on which the server listens; 0 takes a free one.',
    parse: parse.integer(0, 65_535),
  }),
  baseUrl: setting({
    name: 'BASE_URL',
    default: '',
    defaultShown: 'from `HOST` and `PORT`',
    example: 'https://example.com/masks',
    meaning: 'Public root of all links, as clients reach it. May have a path.',
    parse: parse.baseUrl,
  }),
  metricsPort: setting({
    name: 'METRICS_PORT',
    default: '',
    defaultShown: 'none: a server has `/metrics` at `PORT`',
    example: '9464',
    meaning:
      'Port on `HOST` for operators only: `/metrics` for Prometheus, and `/healthz` and `/readyz` in short; then nothing of it is public. Nobody has to log in there: let only the monitoring reach it.',
    parse: parse.optionalInteger(0, 65_535),
  }),
  dataDirectory: setting({
    name: 'DATA_DIR',
    default: join(projectFolder(), 'data'),
    defaultShown: '`data` of the project',
    example: '/var/lib/cloudmask',
    meaning:
      'Folder of the database, of scratch files and of results. Without `DATABASE_URL` one server per folder. A relative one lies below the folder in which the command was typed.',
    parse: parse.folder,
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    default: '',
    defaultShown: 'SQLite in `DATA_DIR`',
    secret: true,
    example: 'postgres://user:password@host/cloudmask',
    meaning:
      'PostgreSQL for the jobs, instead of SQLite: any number of servers and workers share it. Needs `SECRET_KEY`.',
    parse: parse.databaseUrl,
  }),
  productRoots: setting({
    name: 'PRODUCT_ROOTS',
    default: '',
    defaultShown: 'none',
    example: '/eodata:/srv/products',
    meaning:
      'Absolute folders, separated by `:`, below which `product` paths may lie, and product names are looked up.',
    parse: parse.folders,
  }),
  productLayouts: setting({
    name: 'PRODUCT_LAYOUTS',
    default: defaultLayouts.join(','),
    defaultShown: 'the trees of Copernicus (eodata) and USGS',
    example: '{yyyy}/{mm}/{dd}/{name}.SAFE',
    meaning:
      'Where archives keep a product, by its name: templates separated by `,`, looked up below each product root and each bucket that is an archive. ' +
      `Placeholders: ${placeholders.map((key) => `\`{${key}}\``).join(', ')}.`,
    parse: parse.layouts(placeholders),
  }),
  productMb: setting({
    name: 'PRODUCT_MB',
    default: '4096',
    unit: 'MB',
    example: '2048',
    meaning: 'What one job may bring from elsewhere into scratch, all its files together.',
    parse: parse.integer(1, 1_048_576),
  }),
  buckets: setting({
    name: 'S3_BUCKETS_FILE',
    default: '',
    defaultShown: 'none',
    example: '/etc/cloudmask/buckets.json',
    meaning:
      'JSON file with the buckets from which `s3://` products may be read, and the keys for each. The README has an example.',
    parse: bucketsFile,
  }),
  ...outboundSettings,
  ...accessSettings,
  callbackSecret: setting({
    name: 'CALLBACK_SECRET',
    default: '',
    defaultShown: 'made once, kept in `DATA_DIR` or PostgreSQL',
    secret: true,
    example: '(32 or more random characters)',
    meaning: 'Secret with which callbacks are signed; receivers need it to check them.',
    parse: parse.secret,
  }),
  modelId: setting({
    name: 'MODEL',
    default: 'starter-v1',
    example: 'starter-v1',
    meaning: 'Id of the model that makes the masks.',
    parse: parse.text(/^[A-Za-z0-9][\w.-]*$/, 'a model id: letters, digits, ".", "_" and "-"'),
  }),
  modelsDirectory: setting({
    name: 'MODELS_DIR',
    default: join(projectFolder(), 'models'),
    defaultShown: '`models` of the project',
    example: '/srv/models',
    meaning:
      'Folder with one folder for each model. A relative one lies below the folder in which the command was typed.',
    parse: parse.folder,
  }),
  modelDevice: setting({
    name: 'MODEL_DEVICE',
    default: 'auto',
    example: 'cpu',
    meaning: 'Where the model runs: `auto`, `cpu`, `cuda` or `webgpu`.',
    parse: parse.oneOf(['auto', 'cpu', 'cuda', 'webgpu'] as const),
  }),
  resultStore: setting({
    name: 'RESULT_STORE',
    default: 'file',
    example: 's3://masks/results',
    meaning:
      "Where results are kept: `file` for `DATA_DIR`, or `s3://bucket/prefix` for a bucket of the operator's. The keys for it are those that the AWS SDK finds by itself: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, `AWS_PROFILE`, or the role of the machine.",
    parse: parse.resultStore,
  }),
  resultEndpointUrl: setting({
    name: 'RESULT_S3_ENDPOINT_URL',
    default: '',
    defaultShown: 'AWS',
    example: 'https://s3.example.com',
    meaning:
      'Root of the S3 service of `RESULT_STORE`, as the server and those who download reach it; the bucket stands in the path.',
    parse: parse.baseUrl,
  }),
  resultRegion: setting({
    name: 'RESULT_S3_REGION',
    default: '',
    defaultShown: '`us-east-1` with an endpoint, else that of the AWS SDK',
    example: 'eu-central-1',
    meaning: 'Region of the bucket of `RESULT_STORE`.',
    parse: parse.region,
  }),
  resultDays: setting({
    name: 'RESULT_DAYS',
    default: '14',
    unit: 'days',
    example: '7',
    meaning: 'How long results and their download links live.',
    parse: parse.days,
  }),
  jobDays: setting({
    name: 'JOB_DAYS',
    default: '30',
    unit: 'days',
    example: '90',
    meaning: 'How long finished jobs are listed. At least `RESULT_DAYS`.',
    parse: parse.days,
  }),
  linkSecret: setting({
    name: 'LINK_SECRET',
    default: '',
    defaultShown: 'made once, kept in `DATA_DIR` or PostgreSQL',
    secret: true,
    example: '(32 or more random characters)',
    meaning: 'Secret with which download links are signed. Changing it ends all links.',
    parse: parse.secret,
  }),
  secretKey: setting({
    name: 'SECRET_KEY',
    default: '',
    defaultShown: 'made once, kept in `DATA_DIR`',
    secret: true,
    example: '(32 or more random characters)',
    meaning:
      'Secret with which keys of users are sealed while their jobs live. After a change, jobs that wait with such keys fail. With `DATABASE_URL` it has to be set, the same for all servers and workers: it may not lie beside what it seals.',
    parse: parse.secret,
  }),
  ...queueSettings,
  jobMemoryMb: setting({
    name: 'JOB_MEMORY_MB',
    default: '2048',
    unit: 'MB',
    example: '4096',
    meaning: 'Memory that one job may use; above it the job fails (watched on Linux).',
    parse: parse.integer(64, 16_777_216),
  }),
  jobMinutes: setting({
    name: 'JOB_MINUTES',
    default: '360',
    unit: 'minutes',
    example: '60',
    meaning: 'Time that one job may run; after it the job fails.',
    parse: parse.integer(1, 525_600),
  }),
  stopSeconds: setting({
    name: 'STOP_SECONDS',
    default: '10',
    unit: 'seconds',
    example: '300',
    meaning:
      'After SIGTERM, running jobs have as long to come to their end; then they are handed back, and go on when the server runs again.',
    parse: parse.integer(0, 86_400),
  }),
  maxBodyBytes: setting({
    name: 'MAX_BODY_BYTES',
    default: '2097152',
    unit: 'bytes',
    example: '1048576',
    meaning: 'Largest request body.',
    parse: parse.integer(1024, 1_073_741_824),
  }),
  logLevel: setting({
    name: 'LOG_LEVEL',
    default: 'info',
    example: 'warn',
    meaning: 'How much is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.',
    parse: parse.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  }),
} as const satisfies Record<string, Setting<unknown>>;
