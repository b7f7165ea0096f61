/** Lays a small field side by side, each copy the mirror image of its neighbours: no seam, any size. */

/** Rows and columns of a field. */
interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** `count × count` copies of a field in one field of the same type. */
export function mirrored<Field extends Uint8Array | Uint16Array>(
  field: Field,
  { rows, columns }: Size,
  count: number,
): Field {
  if (count === 1) return field;
  const width = count * columns;
  const result = new (field.constructor as new (length: number) => Field)(count * rows * width);
  const line = result.slice(0, width);
  for (let row = 0; row < rows; row++) {
    const forward = field.subarray(row * columns, (row + 1) * columns);
    const backward = forward.toReversed();
    for (let copy = 0; copy < count; copy++) {
      line.set(copy % 2 === 0 ? forward : backward, copy * columns);
    }
    for (let copy = 0; copy < count; copy++) {
      const at = copy % 2 === 0 ? row : rows - 1 - row;
      result.set(line, (copy * rows + at) * width);
    }
  }
  return result;
}
