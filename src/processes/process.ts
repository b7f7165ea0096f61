/**
 * What can be run. A process is a description (`processes/<id>.json`, data only), an implementation
 * (code that runs in a child process) and, where JSON Schema cannot say it, rules for its inputs.
 */
import type { InputFault } from '../errors.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Inputs of one execution, unwrapped (`{value}` removed), defaults filled in. */
export type Inputs = Readonly<Record<string, Json>>;

/** What an implementation hands back for one output id. Files lie in the attempt's folder. */
export type Output =
  | { readonly kind: 'value'; readonly value: Json; readonly mediaType?: string }
  | { readonly kind: 'file'; readonly file: string; readonly mediaType: string };

export type Outputs = Readonly<Record<string, Output>>;

/** What an execution may use, besides its inputs. */
export interface RunContext {
  /** Empty scratch folder of this attempt (absolute path). Everything written goes here. */
  readonly directory: string;
  /** Fires when the job is dismissed or out of time. The implementation stops soon after. */
  readonly signal: AbortSignal;
  /** Folders (absolute paths) with what the inputs name and was brought from elsewhere, by input id. */
  readonly brought: Readonly<Record<string, string>>;
  /** Where the files of this job will be reachable: `<resultsUrl>/<file name>` (absolute URL, no slash at its end). */
  readonly resultsUrl: string;
  /** Ids of the outputs that will be kept; what else is made is thrown away. In the order of the request. */
  readonly outputs: readonly string[];
  /** Reports progress. `percent` 0–100 never falls; `message` names the stage for a person. */
  progress(percent: number, message: string): void;
  /** Tells the operator (not the user) of something that works less well than it should. */
  warn(message: string): void;
}

/** The code behind one process description. Imported by the job child, and by the server only when it can run in place. */
export interface Implementation {
  /** Id of the description that it belongs to. */
  readonly processId: string;
  run(inputs: Inputs, context: RunContext): Promise<Outputs>;
}

/** What the server has to know of inputs before it accepts a job. Loads no native code. */
export interface InputRules {
  readonly processId: string;
  /** Faults of inputs that already fit the schema; an empty list when they are fine. */
  check(inputs: Inputs): Promise<readonly InputFault[]>;
  /** What inputs without faults will cost about, in windows of the network. */
  cost(inputs: Inputs): number;
}

/** What bringing may use, besides the inputs. */
export type BringContext = Pick<RunContext, 'directory' | 'signal' | 'progress' | 'warn'>;

/**
 * The code that brings what inputs name from elsewhere, before the implementation runs. It works in a child of its own,
 * the only one that has the network, and never decodes an image.
 */
export interface Bringer {
  readonly processId: string;
  /** @returns folders below `context.directory` (relative paths), by input id */
  bring(inputs: Inputs, context: BringContext): Promise<Readonly<Record<string, string>>>;
}
