import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { completeLockfile, platformOf } from '../../../scripts/lockfile.js';

describe('platformOf', () => {
  it.each([
    [
      '@oxlint/binding-linux-arm64-musl',
      { os: ['linux'], cpu: ['arm64'], libc: { libc: ['musl'] } },
    ],
    [
      '@oxlint/binding-linux-arm-gnueabihf',
      { os: ['linux'], cpu: ['arm'], libc: { libc: ['glibc'] } },
    ],
    ['@oxlint-tsgolint/darwin-arm64', { os: ['darwin'], cpu: ['arm64'], libc: {} }],
    ['@oxc-parser/binding-win32-x64-msvc', { os: ['win32'], cpu: ['x64'], libc: {} }],
  ])('reads %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });

  it('knows when a name says nothing of a platform', () => {
    expect(platformOf('bufferutil')).toBeUndefined();
  });
});

describe('completeLockfile', () => {
  it('adds the builds for other platforms that a mirror lacks', () => {
    const tool = {
      version: '1.0.0',
      dev: true,
      optionalDependencies: { '@tool/linux-x64': '1.0.0', '@tool/darwin-arm64': '1.0.0' },
    };
    const here = { version: '1.0.0', dev: true, optional: true };
    const packages = { 'node_modules/@tool/linux-x64': here, 'node_modules/tool': tool };
    expect(completeLockfile({ packages })).toEqual({
      packages: {
        ...packages,
        'node_modules/@tool/darwin-arm64': {
          version: '1.0.0',
          cpu: ['arm64'],
          dev: true,
          optional: true,
          os: ['darwin'],
        },
      },
    });
  });
});

describe('package-lock.json', () => {
  it('is complete, so that npm ci takes it on every platform (npm run fix completes it)', () => {
    const lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    expect(completeLockfile(lockfile)).toEqual(lockfile);
  });
});
