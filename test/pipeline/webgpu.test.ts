/**
 * The WebGPU provider on a software adapter (SwiftShader, which Debian's chromium brings): a golden window goes
 * through it. A hundred times slower than the CPU, so one window only. Needs no GPU.
 */
import { existsSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sharedPath } from '../support/shared.ts';

const adapter = '/usr/lib/chromium/vk_swiftshader_icd.json';
const program = resolve(import.meta.dirname, '../support/webgpu-window.ts');
const isHere = existsSync(adapter) && existsSync(sharedPath('reference/golden'));

describe('MODEL_DEVICE=webgpu', () => {
  it.skipIf(!isHere && process.env['CI'] !== 'true')(
    'gives a golden window on a software adapter (needs the packages chromium and libvulkan1)',
    async () => {
      // The adapter is chosen by the environment of the process, so it gets one of its own.
      const { stdout } = await promisify(execFile)(process.execPath, [program], {
        env: { PATH: process.env['PATH'], VK_ICD_FILENAMES: adapter },
      });
      const found = JSON.parse(stdout) as { device: string; softmax: number; classesEqual: number };
      process.stdout.write(`webgpu, ${availableParallelism()} cores: ${stdout}`);
      expect(found.device).toBe('webgpu');
      expect(found.softmax).toBeLessThan(1e-4);
      expect(found.classesEqual).toBeGreaterThanOrEqual(0.9999);
    },
    600_000,
  );
});
