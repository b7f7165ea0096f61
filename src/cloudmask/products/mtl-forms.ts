/**
 * The three forms of a Landsat metadata file (MTL): Object Description Language (`.txt`), JSON and XML. All hold groups
 * of keys and values below one root. Source: Landsat 8-9 Collection 2 Level 1 Data Format Control Book (LSDS-1822).
 */
import { ProductRefused } from '../../errors.ts';
import { textOf, XmlDocument, type Element } from './xml.ts';

/** Keys and values of each group. Values are text: numbers are parsed when asked for. */
export type MtlGroups = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface MtlContent {
  readonly rootName: string;
  readonly groups: MtlGroups;
}

/** Groups in groups; real files have two levels. */
const maxDepth = 8;

/** Collects groups; says which file and key when something is there twice. */
class Collector {
  readonly groups = new Map<string, Map<string, string>>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  open(group: string): void {
    if (this.groups.has(group)) {
      throw new ProductRefused(`${this.#name} has the group ${group} twice.`);
    }
    this.groups.set(group, new Map());
  }

  add(group: string, key: string, value: string): void {
    const values = this.groups.get(group);
    const earlier = values?.get(key);
    if (earlier !== undefined && earlier !== value) {
      throw new ProductRefused(`${this.#name} has ${key} twice in ${group}, with other values.`);
    }
    values?.set(key, value);
  }
}

/**
 * Parses the text form: lines of `KEY = value`, `GROUP = name` and `END_GROUP = name`, until `END`.
 * @throws ProductRefused when a line is none of these or a group is not closed.
 */
export function parseMtlText(name: string, text: string): MtlContent {
  const reader = new TextReader(name);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === 'END') break;
    if (line !== '') reader.assign(index + 1, ...assignment(name, line, index + 1));
  }
  return reader.finish();
}

/** Keeps track of the groups that are open. */
class TextReader {
  readonly #name: string;
  readonly #collector: Collector;
  readonly #open: string[] = [];
  #rootName = '';

  constructor(name: string) {
    this.#name = name;
    this.#collector = new Collector(name);
  }

  assign(line: number, key: string, value: string): void {
    if (key === 'GROUP') this.#openGroup(line, value);
    else if (key === 'END_GROUP') this.#closeGroup(line, value);
    else this.#collector.add(this.#open.at(-1) ?? '', key, value);
  }

  finish(): MtlContent {
    const rootName = this.#rootName;
    if (rootName === '') {
      throw new ProductRefused(`${this.#name} has no GROUP: it is no Landsat metadata.`);
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) {
      throw new ProductRefused(`${this.#name} is cut off: the group ${unclosed} has no end.`);
    }
    return { rootName, groups: this.#collector.groups };
  }

  #openGroup(line: number, group: string): void {
    const isSecondRoot = this.#open.length === 0 && this.#rootName !== '';
    if (isSecondRoot || this.#open.length >= maxDepth) {
      throw new ProductRefused(
        `${this.#name} opens the group ${group} in the wrong place (line ${line}).`,
      );
    }
    if (this.#rootName === '') this.#rootName = group;
    this.#collector.open(group);
    this.#open.push(group);
  }

  #closeGroup(line: number, group: string): void {
    if (this.#open.pop() === group) return;
    throw new ProductRefused(
      `${this.#name} closes the group ${group} that is not open (line ${line}).`,
    );
  }
}

function assignment(name: string, line: string, number: number): [string, string] {
  const [, key, value] = /^([A-Za-z]\w{0,99})\s*=\s*(.*)$/.exec(line) ?? [];
  const isQuoted = value?.startsWith('"') === true;
  if (key === undefined || value === undefined || (isQuoted && !/^"[^"]*"$/.test(value))) {
    throw new ProductRefused(
      `${name} has no KEY = value in line ${number}: "${line.slice(0, 60)}".`,
    );
  }
  return [key, isQuoted ? value.slice(1, -1) : value];
}

/**
 * Parses the JSON form: one root object of groups of values.
 * @throws ProductRefused when it is no JSON or of another shape.
 */
export function parseMtlJson(name: string, text: string): MtlContent {
  const collector = new Collector(name);
  const document = parseJson(name, text.replace(/^\uFEFF/, ''));
  const [rootName, ...others] = Object.keys(isRecord(document) ? document : {});
  const root = rootName !== undefined && isRecord(document) ? document[rootName] : undefined;
  if (rootName === undefined || others.length > 0 || !isRecord(root)) {
    throw new ProductRefused(`${name} is not one JSON object of Landsat metadata.`);
  }
  for (const [group, values] of Object.entries(root)) {
    if (!isRecord(values)) continue;
    collector.open(group);
    for (const [key, value] of Object.entries(values)) {
      if (typeof value === 'string' || typeof value === 'number') {
        collector.add(group, key, String(value).trim());
      }
    }
  }
  return { rootName, groups: collector.groups };
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProductRefused(`${name} is not well-formed JSON: it is damaged or cut off.`, {
      cause: error,
    });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses the XML form: a root element of group elements of value elements.
 * @throws ProductRefused when it has a DOCTYPE, is not well-formed or damaged otherwise.
 */
export function parseMtlXml(name: string, text: string): MtlContent {
  const collector = new Collector(name);
  const document = XmlDocument.parse(name, text);
  const [root] = document.all();
  for (const [group, elements] of namedChildren(root)) {
    for (const element of elements) {
      collector.open(group);
      for (const [key, values] of namedChildren(element)) {
        for (const value of values) collector.add(group, key, textOf(value));
      }
    }
  }
  return { rootName: document.rootName, groups: collector.groups };
}

function namedChildren(element: Element | undefined): [string, readonly Element[]][] {
  return Object.entries(element ?? {}).filter((entry): entry is [string, readonly Element[]] =>
    Array.isArray(entry[1]),
  );
}
