/** Files of a product that are brought at once. */
export const filesAtOnce = 4;

/** Runs tasks, a few at once. The first fault stops the others and is thrown when all have ended. */
export async function inParallel<Task>(
  tasks: readonly Task[],
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
  work: (task: Task, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const waiting = [...tasks];
  let fault: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      if (both.aborted) return;
      try {
        await work(task, both);
      } catch (error) {
        fault ??= { error };
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, worker));
  signal.throwIfAborted();
  if (fault !== undefined) throw fault.error;
}
