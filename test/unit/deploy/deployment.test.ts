/** The files of deploy/ agree with the program: its settings, ports, probes and the time that it takes to stop. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { longestStopMs } from '../../../src/cli/until-stopped.ts';
import { settings } from '../../../src/config/settings.ts';
import { commands } from '../../../scripts/commands.js';
import { composeServices, exampleEnvironment, secondsOf } from '../../support/compose-file.ts';
import {
  environmentOf,
  imageStages,
  project,
  sentToBuild,
  wordsOf,
} from '../../support/image-tree.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle?: {
    readonly preStop: { readonly exec: { readonly command: readonly string[] } };
  };
  readonly resources: object;
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly containers: readonly [Container];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  };
}

const folder = join(project, 'deploy/kubernetes');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function manifestsOf(name: string): Manifest[] {
  const text = readFileSync(join(folder, name), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** Settings of ours, and those of the AWS SDK. */
const known = new Set<string>([
  ...Object.values(settings).map(({ name }) => name),
  'DATABASE_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'NODE_ENV',
]);

const unknownIn = (environment: object) =>
  Object.keys(environment).filter((name) => !known.has(name));

/** Whether the launcher knows a command, or will when workers run apart from servers. */
function isCommand([node, launcher, name = '', ...others]: readonly string[]): boolean {
  const isOurs = node === 'node' && launcher === 'scripts/run.js' && others.length === 0;
  return isOurs && (name in commands || name === 'work');
}

describe('deploy/Dockerfile', () => {
  it('runs as an ordinary user with a number, by the launcher, with a health check and signals passed on', async () => {
    const stages = await imageStages();
    const last = stages.at(-1) ?? [];
    const words = (name: string) => last.find((one) => one.name === name)?.words;
    expect(words('USER')).toBe('1000:1000');
    expect(words('STOPSIGNAL')).toBe('SIGTERM');
    expect(wordsOf(last, 'ENTRYPOINT')).toEqual(['tini', '--']);
    expect(isCommand(wordsOf(last, 'CMD'))).toBe(true);
    expect(wordsOf(last, 'HEALTHCHECK').join(' ')).toContain('/healthz');
    expect(unknownIn(environmentOf(last))).toEqual([]);
    const { PORT: port, METRICS_PORT: metricsPort } = environmentOf(last);
    expect(words('EXPOSE')).toBe(`${port} ${metricsPort}`);
  });

  it('sends no data, no settings and no added model to the build', async () => {
    const isSent = await sentToBuild();
    const kept = [
      'data/jobs.sqlite',
      '.env',
      'deploy/.env',
      '.git/HEAD',
      'node_modules/x',
      'models/mine/model.onnx',
      'test/x',
    ];
    expect(kept.filter(isSent)).toEqual([]);
    const sent = [
      'src/main.ts',
      'models/starter-v1/model.json',
      'processes/echo.json',
      'package-lock.json',
    ];
    expect(sent.filter((path) => !isSent(path))).toEqual([]);
  });
});

describe('deploy/compose.yaml', () => {
  it('names settings and commands that there are, and gives each service the time to stop', async () => {
    const { server, worker } = await composeServices(await exampleEnvironment());
    for (const service of [server, worker]) {
      expect(unknownIn(service.environment)).toEqual([]);
      expect(isCommand(service.command ?? [])).toBe(true);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      const stopSeconds = Number(service.environment['STOP_SECONDS']);
      const grace = secondsOf(service.stop_grace_period ?? '');
      expect(grace).toBeGreaterThan(stopSeconds + longestStopMs / 1000);
    }
    expect(server.environment['MAX_RUNNING_JOBS']).toBe('0');
  });

  it('asks for each secret that has no value, and publishes nothing but the API and S3', async () => {
    const whole = await exampleEnvironment();
    for (const name of Object.keys(whole).filter((key) => /PASSWORD|SECRET/.test(key)))
      await expect(composeServices({ ...whole, [name]: '' })).rejects.toThrow(name);
    const services = await composeServices(whole);
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).toEqual(['8080:8080', '7070:7070']);
  });
});

describe('deploy/kubernetes', () => {
  it.each([
    ['serve.yaml', 'http'],
    ['work.yaml', 'metrics'],
  ])('%s: probes, time to stop, rights and settings fit the program', async (name, port) => {
    const deployment = manifestsOf(name).find(({ kind }) => kind === 'Deployment');
    const pod = deployment?.spec.template.spec;
    const [container] = pod?.containers ?? [];
    if (deployment === undefined || pod === undefined || container === undefined)
      throw new Error('There is no deployment.');
    expect(deployment.spec.template.metadata.labels).toMatchObject(
      deployment.spec.selector.matchLabels,
    );
    const stopSeconds = Number(container.env.find((one) => one.name === 'STOP_SECONDS')?.value);
    const before = Number(container.lifecycle?.preStop.exec.command[1] ?? 0);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
      before + stopSeconds + longestStopMs / 1000,
    );
    expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port });
    const image = environmentOf((await imageStages()).at(-1) ?? []);
    const numbers = { http: Number(image['PORT']), metrics: Number(image['METRICS_PORT']) };
    for (const one of container.ports)
      expect(one.containerPort).toBe(numbers[one.name as keyof typeof numbers]);
    expect(isCommand(container.args)).toBe(true);
    expect(
      unknownIn(Object.fromEntries(container.env.map((one) => [one.name, one.value]))),
    ).toEqual([]);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
      image['DATA_DIR'],
      '/tmp',
    ]);
  });

  it('settings and secrets are known to the program', () => {
    const all = ['settings.yaml', 'secret.example.yaml'].flatMap(manifestsOf);
    expect(all.flatMap((one) => unknownIn({ ...one.data, ...one.stringData }))).toEqual([]);
  });

  it('kustomization.yaml names files that are there, without the example of secrets', () => {
    const { resources } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as {
      resources: string[];
    };
    const others = ['kustomization.yaml', 'secret.example.yaml'];
    expect(resources.toSorted()).toEqual(files.filter((name) => !others.includes(name)).toSorted());
  });

  it('workers are scaled by figures that there are', async () => {
    const text = readFileSync(join(folder, 'keda/scaled-object.yaml'), 'utf8');
    const { spec } = parse(text) as {
      spec: { scaleTargetRef: { name: string }; triggers: [{ metadata: { query: string } }] };
    };
    const deployments = files.flatMap(manifestsOf).filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata }) => metadata.name)).toContain(spec.scaleTargetRef.name);
    const { Metrics } = await import('../../../src/metrics/metrics.ts');
    const exposed = await new Metrics('', () => new Date()).text();
    const used = spec.triggers[0].metadata.query.match(/cloudmask_\w+/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !exposed.includes(`# TYPE ${name} `))).toEqual([]);
  });

  const validator = join(project, '.cache/kubernetes/bin/kubernetes-validate');
  it.skipIf(!existsSync(validator))(
    'is what the schemas of Kubernetes say (.ci/run installs the validator)',
    () => {
      const manifests = files.filter((name) => name !== 'kustomization.yaml');
      for (const name of manifests) {
        const { status, stdout, stderr } = spawnSync(validator, ['--strict', join(folder, name)], {
          encoding: 'utf8',
        });
        expect({ name, status, said: status === 0 ? '' : stdout + stderr }).toEqual({
          name,
          status: 0,
          said: '',
        });
      }
    },
  );
});
