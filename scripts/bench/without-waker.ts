/** Loaded (`--import`) into a worker: it hears of no job, and finds them by looking now and then. */
import { BossWaker } from '../../src/database/boss-waker.ts';

BossWaker.prototype.listen = () => undefined;
