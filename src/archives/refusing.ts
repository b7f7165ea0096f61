import { ProductRefused } from '../errors.ts';
import { ArchiveFault } from './fault.ts';

/**
 * Runs `work` on an archive that a user named.
 * @throws ProductRefused naming the archive, for its faults; other errors stay what they are
 */
export async function refusing<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fault = error instanceof Error && isOfZlib(error) ? damaged(error) : error;
    if (!(fault instanceof ArchiveFault)) throw fault;
    throw new ProductRefused(`${name} is refused: ${fault.message}`, { cause: error });
  }
}

function isOfZlib(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('Z_') === true;
}

function damaged(error: Error): ArchiveFault {
  return new ArchiveFault(
    `the archive is damaged or not complete (${error.message}). Was the download cut short?`,
  );
}
