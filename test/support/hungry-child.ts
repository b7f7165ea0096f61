/** A child that takes more and more memory. */
const kept: Buffer[] = [];
setInterval(() => kept.push(Buffer.alloc(20_000_000, 1)), 50);
