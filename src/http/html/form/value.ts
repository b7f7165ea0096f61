/**
 * The text of a field → the JSON value that it means. The server and the preview in the browser both use it,
 * so it imports nothing.
 */

/** @param types JSON types that the input takes, with one space between them: `string`, `integer`, `object` … */
export function valueOf(text: string, types: string): unknown {
  if (types === 'string') return text;
  const value = parsed(text);
  // Text that says of itself that it is text (in quotes) is taken by its word.
  const isTaken = value !== undefined && types.split(' ').some((type) => isOf(type, value));
  return isTaken ? value : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === (type === 'integer' ? 'number' : type);
}
