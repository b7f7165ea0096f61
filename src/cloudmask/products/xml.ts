/**
 * XML metadata as a tree of plain objects, read defensively: no document type, no entities, a cap on the
 * size, and well-formed or refused. Numbers are parsed by us, strictly.
 */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ProductRefused } from '../../errors.ts';
import { readText } from './product-files.ts';

const maxBytes = 50 * 1024 * 1024;
const attributePrefix = '@';
const textName = '#text';

/** An element: its children by name (always lists), its attributes as `@name`, its text as `#text`. */
export interface Element {
  readonly [name: string]: readonly Element[] | string | undefined;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: attributePrefix,
  textNodeName: textName,
  alwaysCreateTextNode: true,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

/** A metadata document and the questions that a reader asks of it. */
export class XmlDocument {
  readonly name: string;
  readonly #root: Element;

  private constructor(name: string, root: Element) {
    this.name = name;
    this.#root = root;
  }

  /**
   * Reads a document.
   * @throws ProductRefused when it is too large, has a DOCTYPE or is not well-formed.
   */
  static async read(file: string): Promise<XmlDocument> {
    const name = basename(file);
    const { size } = await stat(file);
    if (size > maxBytes) {
      throw new ProductRefused(`${name} has ${size} bytes; at most ${maxBytes} are read.`);
    }
    return XmlDocument.parse(name, await readText(file));
  }

  /**
   * Parses the text of a document; `name` is for messages.
   * @throws ProductRefused when it has a DOCTYPE or is not well-formed.
   */
  static parse(name: string, written: string): XmlDocument {
    // Editors leave blank lines at the top, where XML has no room for them.
    const text = written.trimStart();
    if (/<!DOCTYPE/i.test(text)) {
      throw new ProductRefused(
        `${name} has a DOCTYPE: document types and entities are not accepted.`,
      );
    }
    const verdict = XMLValidator.validate(text);
    if (verdict !== true) {
      throw new ProductRefused(
        `${name} is not well-formed XML (line ${verdict.err.line}): ${verdict.err.msg}`,
      );
    }
    return new XmlDocument(name, parseElements(name, text));
  }

  /** Name of the root element without prefix. */
  get rootName(): string {
    return Object.keys(this.#root).find((key) => key !== textName) ?? '';
  }

  /** All elements at a path of names below the root element, in document order. */
  all(...path: string[]): readonly Element[] {
    return path.reduce<readonly Element[]>(
      (level, name) => level.flatMap((element) => children(element, name)),
      children(this.#root, this.rootName),
    );
  }

  /**
   * The text of the only element at a path.
   * @throws ProductRefused when there is none, or more than one.
   */
  text(...path: string[]): string {
    const found = this.all(...path).map(textOf);
    const [value] = found;
    if (found.length === 1 && value !== undefined && value !== '') return value;
    const what = found.length > 1 ? `has ${found.length} times` : 'has no value for';
    throw new ProductRefused(`${this.name} ${what} ${path.at(-1)}.`);
  }

  /** A finite number at a path, or a refusal that says what stands there instead. */
  number(...path: string[]): number {
    return this.parseNumber(this.text(...path), path.at(-1) ?? '');
  }

  /** Parses a decimal number strictly. */
  parseNumber(text: string, what: string): number {
    const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value)) return value;
    throw new ProductRefused(
      `${this.name} has ${what} = "${text.slice(0, 40)}", which is no number.`,
    );
  }
}

/** Limits of the parser (nesting, names) are refusals like any other. */
function parseElements(name: string, text: string): Element {
  try {
    return parser.parse(text) as Element;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProductRefused(`${name} cannot be read as XML: ${reason}`, { cause: error });
  }
}

/** Children of one name. */
export function children(element: Element, name: string): readonly Element[] {
  const found = element[name];
  return Array.isArray(found) ? (found as readonly Element[]) : [];
}

/** Trimmed text of an element. */
export function textOf(element: Element): string {
  const text = element[textName];
  return typeof text === 'string' ? text.trim() : '';
}

/** An attribute, undefined when absent. */
export function attribute(element: Element, name: string): string | undefined {
  const value = element[attributePrefix + name];
  return typeof value === 'string' ? value : undefined;
}
