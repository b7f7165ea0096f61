/** Builds an ONNX graph node by node. Names are made here; equal constants are stored once. */
import { createHash } from 'node:crypto';
import {
  attributeTypes,
  dataTypes,
  encodeModel,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-proto.ts';

/** Name of a value in the graph. */
export type Value = string;

type Attribute = number | string | readonly number[] | { readonly float: number };

/** LayerNormalization needs 17, Gelu 20. ONNX Runtime 1.30 reads up to 23 and more. */
const opset = 20;

export class Graph {
  readonly #name: string;
  readonly #nodes: NodeProto[] = [];
  readonly #constants = new Map<string, TensorProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input. A dimension may be a name for a free size. */
  input(name: string, shape: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }

  /** Declares that `value` leaves the graph under `name`. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    this.#nodes.push({ name, op_type: 'Identity', input: [value], output: [name], attribute: [] });
    this.#outputs.push(valueInfo(name, shape));
  }

  /** A float32 constant. */
  constant(data: Float32Array, shape: readonly number[]): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return this.#constant(bytes, shape, dataTypes.float32);
  }

  /** A one-dimensional int64 constant: shapes, axes. */
  integers(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(new Uint8Array(data.buffer), [values.length], dataTypes.int64);
  }

  /** Adds a node with one output. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Record<string, Attribute> = {},
  ): Value {
    const name = `${operator}_${this.#nodes.length}`;
    this.#nodes.push({
      name,
      op_type: operator,
      input: inputs,
      output: [name],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return name;
  }

  /** Bytes of the ONNX file. */
  encode(): Uint8Array {
    return encodeModel(
      {
        name: this.#name,
        node: this.#nodes,
        initializer: [...this.#constants.values()],
        input: this.#inputs,
        output: this.#outputs,
      },
      opset,
    );
  }

  #constant(bytes: Uint8Array, dims: readonly number[], dataType: number): Value {
    const hash = createHash('sha256')
      .update(`${dataType}:${dims.join(',')}:`)
      .update(bytes);
    const key = hash.digest('hex');
    const known = this.#constants.get(key);
    if (known !== undefined) return known.name;
    const name = `constant_${this.#constants.size}`;
    this.#constants.set(key, { name, dims, data_type: dataType, raw_data: bytes });
    return name;
  }
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: attributeTypes.int, i: value };
  if (typeof value === 'string') {
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  }
  if ('float' in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

function valueInfo(name: string, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dim_value: size } : { dim_param: size },
  );
  return { name, type: { tensor_type: { elem_type: dataTypes.float32, shape: { dim } } } };
}
