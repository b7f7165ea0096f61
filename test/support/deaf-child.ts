/** A child that is deep in native code: hears no message and no polite signal. */
process.on('SIGTERM', () => undefined);
for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
