/** The official executable test suite, run by Java without a network but Maven's. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from './program.ts';
import { runOf, type Run, type TestOutcome, type Verdict } from './report.ts';
import { writeSchemas } from './schema-folder.ts';

export interface SuiteRequest {
  /** Root of the API, without a slash at its end. */
  readonly url: string;
  /** The suite's own jar, where Maven cannot bring it. */
  readonly jar: string | undefined;
  /** Folder like schemas.opengis.net; without it our own schemas are used. */
  readonly schemas: string | undefined;
  /** Folder for what Maven brings, and for the suite's own report. */
  readonly cache: string;
  /** Hears what is being done. */
  readonly tell: (message: string) => void;
}

const version = '1.3';
const minute = 60_000;
const program = path.resolve(import.meta.dirname, '../../conformance/suite/OfflineSuite.java');

/** What the suite's jar needs at run time, in the versions of its parent. */
const needed = [
  'org.opengis.cite.teamengine:teamengine-spi',
  'org.opengis.cite:schema-utils',
  'io.rest-assured:rest-assured',
  'com.reprezen.kaizen:openapi-parser',
  'org.openapi4j:openapi-operation-validator',
  'com.fasterxml.jackson.core:jackson-databind',
  'com.fasterxml.jackson.dataformat:jackson-dataformat-yaml',
  'commons-io:commons-io',
  'com.networknt:json-schema-validator',
  'org.glassfish.jersey.connectors:jersey-apache-connector',
];

/** Runs the suite, or says why it could not be had. */
export async function runOfficialSuite(request: SuiteRequest): Promise<Run> {
  const java = await runProgram('java', ['-version'], { timeoutMs: minute });
  if (java === undefined) return { unavailable: 'There is no "java": install Java 17 or newer.' };
  if (request.jar !== undefined && !existsSync(request.jar))
    return { unavailable: `There is no file ${request.jar}: --jar names the suite's jar.` };
  const jars = await bringJars(request);
  return typeof jars === 'string' ? runJava(request, jars) : jars;
}

/** Class path of the suite and of what it needs. */
async function bringJars({ jar, cache, tell }: SuiteRequest): Promise<string | Run> {
  const name = jar === undefined ? 'suite' : 'dependencies';
  const folder = path.join(cache, `${version}-${name}`);
  const classPath = [...(jar === undefined ? [] : [jar]), path.join(folder, 'jars', '*')].join(
    path.delimiter,
  );
  if (existsSync(path.join(folder, 'complete'))) return classPath;
  tell(`Asking Maven for the ${jar === undefined ? 'suite' : 'dependencies of the suite'} …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'pom.xml'), jar === undefined ? suitePom() : dependenciesPom());
  const maven = await runProgram(
    'mvn',
    [
      '-B',
      '-ntp',
      '-f',
      path.join(folder, 'pom.xml'),
      `-Dmaven.repo.local=${path.join(cache, 'repository')}`,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${path.join(folder, 'jars')}`,
    ],
    { timeoutMs: 10 * minute },
  );
  if (maven === undefined) return { unavailable: 'There is no "mvn": install Maven.' };
  await writeFile(path.join(folder, 'maven.log'), maven.stdout + maven.stderr);
  if (maven.code !== 0) {
    const what = jar === undefined ? 'the suite (give its jar with --jar)' : 'what the jar needs';
    return { unavailable: `Maven could not bring ${what}: ${firstError(maven.stdout)}` };
  }
  await writeFile(path.join(folder, 'complete'), '');
  return classPath;
}

function firstError(log: string): string {
  const line = log.split('\n').find((one) => one.startsWith('[ERROR]')) ?? 'it did not say why';
  if (/(?:not find|not found)/.test(line) && line.includes('ets-ogcapi-processes10'))
    return `the registry does not have ets-ogcapi-processes10 ${version}.`;
  return line
    .replace('[ERROR] ', '')
    .replaceAll(/https?:\S+/g, 'the registry')
    .slice(0, 200);
}

const dependency = (artifact: string, more = ''): string => {
  const [group, id] = artifact.split(':');
  const excluded =
    '<exclusions><exclusion><groupId>xml-apis</groupId><artifactId>xml-apis</artifactId></exclusion></exclusions>';
  return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId>${more}${excluded}</dependency>`;
};

const pom = (content: string): string =>
  `<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>conformance</artifactId>` +
  `<version>1</version><packaging>pom</packaging>${content}</project>`;

function suitePom(): string {
  const suite = dependency(
    'org.opengis.cite:ets-ogcapi-processes10',
    `<version>${version}</version>`,
  );
  return pom(`<dependencies>${suite}</dependencies>`);
}

function dependenciesPom(): string {
  const parent = dependency(
    'org.opengis.cite:ets-common',
    '<version>14</version><type>pom</type><scope>import</scope>',
  );
  return pom(
    `<dependencyManagement><dependencies>${parent}</dependencies></dependencyManagement>` +
      `<dependencies>${needed.map((one) => dependency(one)).join('')}</dependencies>`,
  );
}

async function runJava(request: SuiteRequest, classPath: string): Promise<Run> {
  const { url, cache, tell } = request;
  const out = path.join(cache, 'report');
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const schemas = request.schemas ?? path.join(cache, 'schemas');
  if (request.schemas === undefined) await writeSchemas(schemas);
  tell('Running the official suite …');
  const args = ['-cp', classPath, program, url, 'echo', out, schemas];
  const java = await runProgram('java', args, { timeoutMs: 5 * minute });
  await writeFile(path.join(out, 'suite.log'), java?.stderr ?? '');
  const tests = parseOutcomes(java?.stdout ?? '');
  if (tests.some(({ id }) => id !== 'set-up')) return runOf(tests);
  const last = java?.stderr.trim().split('\n').slice(-3).join(' | ');
  return { unavailable: `The suite ended without a result (${java?.code ?? 'killed'}): ${last}` };
}

const verdicts: Readonly<Record<string, Verdict>> = { PASS: 'passed', SKIP: 'skipped' };

/** Reads the lines of `OfflineSuite.java`. A set-up that failed counts as a failed test. */
export function parseOutcomes(text: string): TestOutcome[] {
  return text.split('\n').flatMap((line): TestOutcome[] => {
    const [status = '', id = '', message = ''] = line.split('\t');
    if (!['PASS', 'FAIL', 'SKIP', 'SETUP'].includes(status)) return [];
    const verdict = verdicts[status] ?? 'failed';
    return [{ id, verdict, ...(message !== '' && verdict !== 'passed' && { message }) }];
  });
}
