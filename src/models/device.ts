/**
 * Where the network runs. `auto` takes a GPU only if the machine really has one: a software adapter answers
 * too, and is a hundred times slower than the CPU.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionDevice } from './session.ts';

/** As the setting MODEL_DEVICE has it. */
export type DeviceChoice = 'auto' | ExecutionDevice;

export const deviceChoices: readonly DeviceChoice[] = ['auto', 'cpu', 'cuda', 'webgpu'];

/** What matters of the machine. */
export interface MachineDevices {
  /** The driver of NVIDIA is loaded. */
  readonly hasNvidia: boolean;
  /** PCI vendors of the render nodes, as in `0x10de`. */
  readonly renderVendors: readonly string[];
}

/** NVIDIA, AMD, Intel. What else has a render node draws screens, or is virtual. */
const gpuVendors = ['0x10de', '0x1002', '0x8086'];

/** Devices to try in order; the CPU is always the last. */
export function candidateDevices(choice: DeviceChoice, machine: MachineDevices): ExecutionDevice[] {
  if (choice === 'cpu') return ['cpu'];
  if (choice !== 'auto') return [choice, 'cpu'];
  const hasGpu = machine.renderVendors.some((vendor) => gpuVendors.includes(vendor));
  const found: ExecutionDevice[] = [];
  if (machine.hasNvidia) found.push('cuda');
  if (machine.hasNvidia || hasGpu) found.push('webgpu');
  return [...found, 'cpu'];
}

/** Looks at the devices of this machine (Linux; elsewhere nothing is found and `auto` is the CPU). */
export async function machineDevices(root = '/'): Promise<MachineDevices> {
  const devices = await namesIn(join(root, 'dev'));
  const nodes = (await namesIn(join(root, 'sys/class/drm'))).filter((name) =>
    /^renderD\d+$/.test(name),
  );
  const vendors = await Promise.all(
    nodes.map((node) =>
      readFile(join(root, 'sys/class/drm', node, 'device/vendor'), 'utf8').catch(() => ''),
    ),
  );
  return {
    hasNvidia: devices.some((name) => /^nvidia\d+$/.test(name)),
    renderVendors: vendors.map((vendor) => vendor.trim()).filter((vendor) => vendor !== ''),
  };
}

/** Undefined things of /dev and /sys are normal outside Linux and in containers. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
