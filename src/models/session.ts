/** Opens ONNX Runtime sessions. The only settings that Node's binding hears are used. */
import { basename } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { ModelUnusable } from '../errors.ts';

export type ExecutionDevice = 'cpu' | 'cuda' | 'webgpu';

export interface SessionSettings {
  readonly device: ExecutionDevice;
  /** Threads that one run may use. */
  readonly threads: number;
}

/**
 * Opens a network.
 * @throws ModelUnusable when ONNX Runtime cannot load it on the device
 */
export async function openSession(
  file: string,
  { device, threads }: SessionSettings,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // A planned memory pattern keeps every intermediate apart: a larger peak, and no faster.
      enableMemPattern: false,
      // Spinning threads only steal time from decoding, and from everybody else on a shared host.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelUnusable(`${basename(file)} cannot be loaded on ${device}: ${brief(reason)}`, {
      cause: error,
    });
  }
}

/** ONNX Runtime puts source files and function names of its own before what it has to say. */
function brief(reason: string): string {
  return (reason.split(' was false. ').at(-1) ?? reason).trim().split('\n')[0] ?? '';
}
