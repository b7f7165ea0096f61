import { ArchiveFault } from '../../archives/fault.ts';

/** What is wrong with a checkpoint. Whoever knows the file's name makes a `CheckpointRefused` of it. */
export class Fault extends ArchiveFault {}
