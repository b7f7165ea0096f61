/** Looks into JSON from outside without believing anything about it. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** JSON as text for people: what fits on a line of 100 characters stays on one. */
export function readableJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= 100)
    return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const rows = value.map((item) => `${inner}${readableJson(item, inner)}`);
    return `[\n${rows.join(',\n')}\n${indent}]`;
  }
  const rows = Object.entries(value).map(
    ([name, item]) => `${inner}${JSON.stringify(name)}: ${readableJson(item, inner)}`,
  );
  return `{\n${rows.join(',\n')}\n${indent}}`;
}
