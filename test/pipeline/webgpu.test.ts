/**
 * The WebGPU provider on a software adapter (SwiftShader, which Debian's chromium brings): a window goes through it. Hundreds
 * of times slower than the CPU, so it is one small window. Needs no GPU.
 */
import { existsSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const adapter = '/usr/lib/chromium/vk_swiftshader_icd.json';
const program = resolve(import.meta.dirname, '../support/webgpu-window.ts');
const isHere = existsSync(adapter);

describe('MODEL_DEVICE=webgpu', () => {
  it.skipIf(!isHere && process.env['CI'] !== 'true')(
    'gives what the CPU gives, on a software adapter (needs the packages chromium and libvulkan1)',
    async () => {
      // The adapter is chosen by the environment of the process, so it gets one of its own.
      const { stdout } = await promisify(execFile)(process.execPath, [program], {
        env: { PATH: process.env['PATH'], VK_ICD_FILENAMES: adapter },
      });
      process.stdout.write(`webgpu, ${availableParallelism()} cores: ${stdout}`);
      const found = JSON.parse(stdout) as { device: string; softmax: number; classes: number };
      expect(found.device).toBe('webgpu');
      expect(found.softmax).toBeLessThan(1e-4);
      // The window holds more than one thing.
      expect(found.classes).toBeGreaterThan(1);
    },
    600_000,
  );
});
