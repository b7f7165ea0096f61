/** An execute request: body of `POST /processes/{id}/execution` → checked, plain data that is stored with the job. */
import { InvalidInputs, type InputFault } from '../errors.ts';
import { mediaTypeOf, type ProcessDescription, type TransmissionMode } from './description.ts';
import { readInputs } from './input-validation.ts';
import { addUnknown, firstFaults, kindOf, quoted } from './input-fault.ts';
import { isSameMediaType } from './media-type.ts';
import type { Inputs } from './process.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import type { Process } from './registry.ts';
import { readSubscriber, type Subscriber } from './subscriber.ts';

export type ResponseForm = 'raw' | 'document';

export interface RequestedOutput {
  readonly transmissionMode: TransmissionMode;
}

export interface ExecutionRequest {
  readonly inputs: Inputs;
  /** In the order of the request; all outputs of the process when the request named none. */
  readonly outputs: Readonly<Record<string, RequestedOutput>>;
  /** Absent when the request did not say: then the answer is negotiated. */
  readonly response?: ResponseForm;
  readonly subscriber?: Subscriber;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads and checks a request against the description and the rules of a process. `callbackPolicy` says where its
 * subscriber may be.
 * /req/core/process-execute-request, /req/core/process-execute-input-validation,
 * /req/core/process-execute-default-outputs
 * @throws InvalidInputs with all faults of the request at once
 */
export async function readExecutionRequest(
  process: Process,
  body: unknown,
  callbackPolicy: OutboundPolicy,
): Promise<ExecutionRequest> {
  if (!isMembers(body)) {
    throw new InvalidInputs([
      { input: 'body', message: `found ${kindOf(body)}; accepted: a JSON object with "inputs"` },
    ]);
  }
  const faults: InputFault[] = [];
  const inputs = readInputs(process, body['inputs'], faults);
  const outputs = readOutputs(process.description, body['outputs'], faults);
  const response = readResponse(body['response'], faults);
  const subscriber = await readSubscriber(body['subscriber'], callbackPolicy, faults);
  // Rules see the inputs that fit; an input that is known to be wrong is not judged twice.
  const wrong = new Set(faults.map((fault) => fault.input));
  const more = (await process.rules?.check(inputs)) ?? [];
  faults.push(...more.filter((fault) => !wrong.has(fault.input)));
  if (faults.length > 0) throw new InvalidInputs(firstFaults(faults));
  return { inputs, outputs, ...(response && { response }), ...(subscriber && { subscriber }) };
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readResponse(found: unknown, faults: InputFault[]): ResponseForm | undefined {
  if (found === undefined || found === 'raw' || found === 'document') return found;
  faults.push({
    input: 'response',
    message: `found ${quoted(found)}; accepted: "raw", "document"`,
  });
  return undefined;
}

function readOutputs(
  description: ProcessDescription,
  found: unknown,
  faults: InputFault[],
): Record<string, RequestedOutput> {
  const known = Object.keys(description.outputs);
  const byDefault: RequestedOutput = { transmissionMode: 'value' };
  // An empty object asks for nothing in particular, as an absent one does.
  if (found === undefined || (isMembers(found) && Object.keys(found).length === 0)) {
    return Object.fromEntries(known.map((id) => [id, byDefault]));
  }
  if (!isMembers(found)) {
    faults.push({
      input: 'outputs',
      message: `found ${kindOf(found)}; accepted: an object with members of ${known.join(', ')}`,
    });
    return {};
  }
  const given = Object.keys(found);
  const unknown = given.filter((id) => !known.includes(id));
  addUnknown('output', unknown, known, faults);
  const read = given
    .filter((id) => known.includes(id))
    .map((id) => [id, readOutput(id, found[id], description, faults)] as const);
  return Object.fromEntries(read);
}

function readOutput(
  id: string,
  wanted: unknown,
  description: ProcessDescription,
  faults: InputFault[],
): RequestedOutput {
  const at = `outputs/${id}`;
  if (!isMembers(wanted)) {
    faults.push({
      input: at,
      message: `found ${quoted(wanted)}; accepted: an object, may be empty`,
    });
    return { transmissionMode: 'value' };
  }
  checkFormat(at, wanted['format'], mediaTypeOf(description.outputs[id]?.schema ?? {}), faults);
  const found = wanted['transmissionMode'] ?? 'value';
  const mode = description.outputTransmission.find((candidate) => candidate === found);
  if (mode === undefined) {
    const modes = description.outputTransmission.map((candidate) => `"${candidate}"`).join(', ');
    faults.push({
      input: `${at}/transmissionMode`,
      message: `found ${quoted(found)}; accepted: ${modes}`,
    });
  }
  return { transmissionMode: mode ?? 'value' };
}

function checkFormat(
  at: string,
  format: unknown,
  offered: string | undefined,
  faults: InputFault[],
): void {
  if (format === undefined) return;
  if (!isMembers(format)) {
    faults.push({
      input: `${at}/format`,
      message: `found ${quoted(format)}; accepted: an object with mediaType`,
    });
    return;
  }
  const wanted = format['mediaType'];
  if (
    wanted === undefined ||
    offered === undefined ||
    (typeof wanted === 'string' && isSameMediaType(wanted, offered))
  )
    return;
  faults.push({
    input: `${at}/format/mediaType`,
    message: `found ${quoted(wanted)}; accepted: "${offered}"`,
  });
}
