/**
 * A pickle is a program for a stack machine that may call anything. This machine has the opcodes that a state dict
 * needs and no other; it calls nothing, imports nothing, and makes plain data of the few names that it knows.
 */
import { shown } from '../../archives/fault.ts';
import { Fault } from './fault.ts';
import { limits } from './limits.ts';
import { PickleInput } from './pickle-input.ts';
import { persistent, reduced } from './pickle-tensor.ts';
import { kindOf, knownGlobal, type PickleKey, type PickleValue } from './pickle-value.ts';

/**
 * The one value that a pickle stands for. Containers may hold themselves: do not walk them without a limit.
 * @throws Fault naming the byte and what stands there.
 */
export function unpickle(bytes: Uint8Array): PickleValue {
  const input = new PickleInput(bytes);
  const machine = new Machine(input);
  let start = 0;
  try {
    for (let count = 0; ; count++) {
      start = input.position;
      if (count === limits.opcodes) throw new Fault(`more than ${limits.opcodes} opcodes`);
      if (machine.step(count === 0)) break;
    }
    if (input.left > 0) throw new Fault(`${input.left} bytes after its end`);
    return machine.result();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(`data.pkl, byte ${start}: ${error.message}.`, { cause: error });
  }
}

type Operation = (machine: Machine) => void;

class Machine {
  readonly input: PickleInput;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack at which open containers begin. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(input: PickleInput) {
    this.input = input;
  }

  /** Runs one opcode; true when it was the last. */
  step(isFirst: boolean): boolean {
    const opcode = this.input.uint8();
    if (isFirst !== (opcode === opcodes.PROTO)) throw new Fault('PROTO has to be the first opcode');
    if (opcode === opcodes.STOP) return true;
    const operation = operations.get(opcode);
    if (operation === undefined) {
      const name = `0x${opcode.toString(16).padStart(2, '0')}`;
      throw new Fault(
        `the opcode ${name} (${refused.get(opcode) ?? 'unknown'}), which a state dict does not need`,
      );
    }
    operation(this);
    return false;
  }

  result(): PickleValue {
    if (this.#marks.length > 0 || this.#stack.length !== 1) {
      throw new Fault('the pickle ends with open containers or more than one value');
    }
    return this.pop();
  }

  push(value: PickleValue): void {
    if (this.#stack.length === limits.values)
      throw new Fault(`more than ${limits.values} values at once`);
    this.#stack.push(value);
  }

  /** Never reaches below the last mark. */
  pop(): PickleValue {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.pop() : undefined;
    if (value === undefined) throw new Fault('a value is needed and there is none');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    if (this.#marks.length === limits.marks)
      throw new Fault(`more than ${limits.marks} open containers`);
    this.#marks.push(this.#stack.length);
  }

  /** Everything above the last mark, which is closed. */
  popMark(): PickleValue[] {
    const height = this.#marks.pop();
    if (height === undefined) throw new Fault('a container ends that has not begun');
    return this.#stack.splice(height);
  }

  /** The `length` topmost values, in order. */
  popTuple(length: number): void {
    const items = Array.from({ length }, () => this.pop()).toReversed();
    this.push({ kind: 'tuple', items });
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
    if (this.#memo.size > limits.values)
      throw new Fault(`more than ${limits.values} values in the memo`);
  }

  memorize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new Fault(`memo ${index} is read before it is written`);
    this.push(value);
  }

  pushGlobal(module: string, name: string): void {
    const known = knownGlobal(module, name);
    if (known === undefined) {
      throw new Fault(
        `the class or function ${shown(`${module}.${name}`)}, which a state dict does not need`,
      );
    }
    this.push({ kind: 'global', name: known });
  }
}

const opcodes = { PROTO: 0x80, STOP: 0x2e } as const;

function frame({ input }: Machine): void {
  if (input.uint64() > input.left) throw new Fault('a frame reaches beyond the end');
}

function proto({ input }: Machine): void {
  const version = input.uint8();
  if (version < 2 || version > 5) throw new Fault(`protocol ${version}; accepted: 2 to 5`);
}

function stackGlobal(machine: Machine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string') {
    throw new Fault('the name of a class is no text');
  }
  machine.pushGlobal(module, name);
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const target = machine.top();
  if (target === null || typeof target !== 'object' || target.kind !== 'dict') {
    throw new Fault(`keys are set on ${kindOf(target)}`);
  }
  if (items.length % 2 !== 0) throw new Fault('a key without a value');
  for (let at = 0; at < items.length; at += 2) {
    const value = items[at + 1];
    if (value !== undefined) target.entries.set(keyOf(items[at]), value);
  }
}

function keyOf(value: PickleValue | undefined): PickleKey {
  if (value === undefined || (value !== null && typeof value === 'object')) {
    throw new Fault(`a key of a dict that is ${kindOf(value)}`);
  }
  return value;
}

function append(machine: Machine, items: readonly PickleValue[]): void {
  const target = machine.top();
  if (target === null || typeof target !== 'object' || target.kind !== 'list') {
    throw new Fault(`items are appended to ${kindOf(target)}`);
  }
  for (const item of items) target.items.push(item);
}

function reduce(machine: Machine): void {
  const parameters = machine.pop();
  const callable = machine.pop();
  if (callable === null || typeof callable !== 'object' || callable.kind !== 'global') {
    throw new Fault(`a call of ${kindOf(callable)}`);
  }
  if (parameters === null || typeof parameters !== 'object' || parameters.kind !== 'tuple') {
    throw new Fault(`a call with ${kindOf(parameters)}`);
  }
  machine.push(reduced(callable.name, parameters.items));
}

/** Attributes of an OrderedDict (torch's `_metadata`) say nothing about weights: dropped. */
function build(machine: Machine): void {
  const state = machine.pop();
  const target = machine.top();
  const isAttributes = state !== null && typeof state === 'object' && state.kind === 'dict';
  const isOrdered =
    target !== null && typeof target === 'object' && target.kind === 'dict' && target.isOrdered;
  if (!isAttributes || !isOrdered) throw new Fault(`a state is set on ${kindOf(target)}`);
}

const emptyTuple: PickleValue = Object.freeze({ kind: 'tuple', items: Object.freeze([]) });

const operations: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [opcodes.PROTO, proto],
  [0x95, frame],
  [0x7d, (m) => m.push({ kind: 'dict', isOrdered: false, entries: new Map() })], // EMPTY_DICT
  [0x5d, (m) => m.push({ kind: 'list', items: [] })], // EMPTY_LIST
  [0x29, (m) => m.push(emptyTuple)], // EMPTY_TUPLE
  [0x28, (m) => m.mark()], // MARK
  [0x58, (m) => m.push(m.input.text(m.input.uint32()))], // BINUNICODE
  [0x8c, (m) => m.push(m.input.text(m.input.uint8()))], // SHORT_BINUNICODE
  [0x8d, (m) => m.push(m.input.text(m.input.uint64()))], // BINUNICODE8
  [0x71, (m) => m.remember(m.input.uint8())], // BINPUT
  [0x72, (m) => m.remember(m.input.uint32())], // LONG_BINPUT
  [0x94, (m) => m.memorize()], // MEMOIZE
  [0x68, (m) => m.recall(m.input.uint8())], // BINGET
  [0x6a, (m) => m.recall(m.input.uint32())], // LONG_BINGET
  [0x4a, (m) => m.push(m.input.int32())], // BININT
  [0x4b, (m) => m.push(m.input.uint8())], // BININT1
  [0x4d, (m) => m.push(m.input.uint16())], // BININT2
  [0x8a, (m) => m.push(m.input.long(m.input.uint8()))], // LONG1
  [0x47, (m) => m.push(m.input.float64())], // BINFLOAT
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4e, (m) => m.push(null)], // NONE
  [0x74, (m) => m.push({ kind: 'tuple', items: m.popMark() })], // TUPLE
  [0x85, (m) => m.popTuple(1)], // TUPLE1
  [0x86, (m) => m.popTuple(2)], // TUPLE2
  [0x87, (m) => m.popTuple(3)], // TUPLE3
  [0x73, (m) => setItems(m, [m.pop(), m.pop()].toReversed())], // SETITEM
  [0x75, (m) => setItems(m, m.popMark())], // SETITEMS
  [0x61, (m) => append(m, [m.pop()])], // APPEND
  [0x65, (m) => append(m, m.popMark())], // APPENDS
  [0x63, (m) => m.pushGlobal(m.input.line(), m.input.line())], // GLOBAL
  [0x93, stackGlobal],
  [0x51, (m) => m.push(persistent(m.pop()))], // BINPERSID
  [0x52, reduce],
  [0x62, build],
]);

/** Names of opcodes that exist and are refused, for messages. */
const refused: ReadonlyMap<number, string> = new Map([
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x81, 'NEWOBJ'],
  [0x92, 'NEWOBJ_EX'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x50, 'PERSID'],
  [0x8b, 'LONG4'],
  [0x49, 'INT'],
  [0x4c, 'LONG'],
  [0x46, 'FLOAT'],
  [0x53, 'STRING'],
  [0x56, 'UNICODE'],
  [0x55, 'SHORT_BINSTRING'],
  [0x54, 'BINSTRING'],
  [0x42, 'BINBYTES'],
  [0x43, 'SHORT_BINBYTES'],
  [0x8e, 'BINBYTES8'],
  [0x96, 'BYTEARRAY8'],
  [0x8f, 'EMPTY_SET'],
  [0x90, 'ADDITEMS'],
  [0x91, 'FROZENSET'],
  [0x30, 'POP'],
  [0x31, 'POP_MARK'],
  [0x32, 'DUP'],
  [0x64, 'DICT'],
  [0x6c, 'LIST'],
  [0x67, 'GET'],
  [0x70, 'PUT'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
]);
