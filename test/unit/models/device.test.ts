import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { candidateDevices, machineDevices } from '../../../src/models/device.ts';
import { loadOnnxModel } from '../../../src/models/onnx-model.ts';
import { withFolder } from '../../support/folder.ts';
import { modelsDirectory, starterId } from '../../support/starter-model.ts';

const bare = { hasNvidia: false, renderVendors: [] };

describe('candidateDevices', () => {
  it('tries what was asked for, and falls back to the CPU', () => {
    expect(candidateDevices('cpu', bare)).toEqual(['cpu']);
    expect(candidateDevices('cuda', bare)).toEqual(['cuda', 'cpu']);
    expect(candidateDevices('webgpu', bare)).toEqual(['webgpu', 'cpu']);
  });

  it('takes a GPU by itself only where there is one', () => {
    expect(candidateDevices('auto', bare)).toEqual(['cpu']);
    expect(candidateDevices('auto', { hasNvidia: true, renderVendors: [] })).toEqual([
      'cuda',
      'webgpu',
      'cpu',
    ]);
    expect(candidateDevices('auto', { ...bare, renderVendors: ['0x1002'] })).toEqual([
      'webgpu',
      'cpu',
    ]);
    // A virtual adapter (virtio) is no GPU.
    expect(candidateDevices('auto', { ...bare, renderVendors: ['0x1af4'] })).toEqual(['cpu']);
  });
});

describe('machineDevices', () => {
  it('finds the driver of NVIDIA and the vendors of render nodes', () =>
    withFolder(async (root) => {
      const node = join(root, 'sys/class/drm/renderD128/device');
      await mkdir(node, { recursive: true });
      await mkdir(join(root, 'sys/class/drm/card0'));
      await mkdir(join(root, 'dev'));
      await writeFile(join(node, 'vendor'), '0x8086\n');
      await writeFile(join(root, 'dev/nvidia0'), '');
      expect(await machineDevices(root)).toEqual({ hasNvidia: true, renderVendors: ['0x8086'] });
    }));

  it('finds nothing where there is nothing', () =>
    withFolder(async (root) => {
      expect(await machineDevices(root)).toEqual(bare);
    }));
});

describe('loadOnnxModel', () => {
  it('runs on the CPU with one warning where the GPU that was asked for is not there', async () => {
    const model = await loadOnnxModel({
      modelsDirectory,
      modelId: starterId,
      threads: 1,
      device: 'cuda',
    });
    await model.close();
    expect(model.device).toBe('cpu');
    expect(model.warning).toMatch(
      /^The network runs on the cpu: segmenter\.onnx cannot be loaded on cuda/,
    );
  });

  it('says nothing where the CPU was asked for', async () => {
    const model = await loadOnnxModel({
      modelsDirectory,
      modelId: starterId,
      threads: 1,
      device: 'cpu',
    });
    await model.close();
    expect(model.warning).toBeUndefined();
  });
});
