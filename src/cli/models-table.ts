/** What `models list` prints. */
import type { Config } from '../config/config.ts';
import type { InstalledModel } from '../models/install/installed-models.ts';

interface Row {
  readonly id: string;
  readonly is_in_use: boolean;
  readonly title?: string;
  readonly architecture?: { readonly sensei: string; readonly segmenter: string };
  /** Only of models that were made from a checkpoint. */
  readonly parameters?: number;
  readonly bytes?: number;
  readonly licence?: string;
  /** Why the model cannot be used. */
  readonly fault?: string;
}

function rowOf(model: InstalledModel, config: Config): Row {
  const row = { id: model.id, is_in_use: model.id === config.modelId };
  if ('fault' in model) return { ...row, fault: model.fault };
  const { title, architecture, parameters, files, licence } = model.manifest;
  return {
    ...row,
    title,
    architecture,
    ...(parameters !== undefined && { parameters }),
    bytes: Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0),
    licence,
  };
}

/** For programs. */
export function modelsJson(models: readonly InstalledModel[], config: Config): string {
  const rows = models.map((model) => rowOf(model, config));
  return `${JSON.stringify({ models_dir: config.modelsDirectory, models: rows }, null, 2)}\n`;
}

/** For people. */
export function modelsTable(models: readonly InstalledModel[], config: Config): string {
  const rows = models.map((model) => cells(rowOf(model, config)));
  const header = ['  id', 'architecture', 'parameters', 'MB', 'licence'];
  const all = [header, ...rows];
  // The last cell of a row may be as long as it likes: it has nothing beside it.
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => (column < row.length - 1 ? (row[column]?.length ?? 0) : 0))),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  '),
  );
  if (!models.some(({ id }) => id === config.modelId)) {
    lines.push(`The model in use, ${config.modelId}, is not there.`);
  }
  return `${lines.join('\n')}\n`;
}

function cells(row: Row): string[] {
  const id = `${row.is_in_use ? '*' : ' '} ${row.id}`;
  if (row.fault !== undefined) return [id, `unusable: ${row.fault}`];
  return [
    id,
    `${row.architecture?.sensei} + ${row.architecture?.segmenter}`,
    row.parameters?.toLocaleString('en') ?? '–',
    ((row.bytes ?? 0) / 1e6).toFixed(1),
    row.licence ?? '',
  ];
}
