/** Small dense matrices in float64, row-major: for folding weights once, at conversion. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix of float32 weights. */
export function matrix(rows: number, columns: number, values: ArrayLike<number>): Matrix {
  if (values.length !== rows * columns) {
    throw new Error(`${values.length} values do not make ${rows} × ${columns}.`);
  }
  return { rows, columns, data: Float64Array.from(values) };
}

/** a · b */
export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) throw new Error(`${a.columns} columns do not meet ${b.rows} rows.`);
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    const row = data.subarray(i * b.columns, (i + 1) * b.columns);
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k] ?? 0;
      const other = b.data.subarray(k * b.columns, (k + 1) * b.columns);
      for (const [j, value] of other.entries()) row[j] = (row[j] ?? 0) + factor * value;
    }
  }
  return { rows: a.rows, columns: b.columns, data };
}

/** a · x for a vector x. */
export function apply(a: Matrix, x: ArrayLike<number>): Float64Array {
  return multiply(a, matrix(a.columns, 1, x)).data;
}

/** diag(s) · a */
export function scaleRows(a: Matrix, s: ArrayLike<number>): Matrix {
  return { ...a, data: a.data.map((value, i) => value * (s[Math.floor(i / a.columns)] ?? 0)) };
}

/** Columns `from` to `from + count - 1`. */
export function sliceColumns(a: Matrix, from: number, count: number): Matrix {
  const data = new Float64Array(a.rows * count);
  for (let i = 0; i < a.rows; i++) {
    data.set(a.data.subarray(i * a.columns + from, i * a.columns + from + count), i * count);
  }
  return { rows: a.rows, columns: count, data };
}

/** The transpose, as float32: linear layers multiply from the right in the graph. */
export function transposed(rows: number, columns: number, values: ArrayLike<number>): Float32Array {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) data[j * rows + i] = values[i * columns + j] ?? 0;
  }
  return data;
}
