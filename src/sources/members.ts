/**
 * Which files of an archive (or below a prefix of S3) are the product's, and where they go. Names are only compared:
 * what a target is made of has matched a pattern letter by letter.
 */
import { shown } from '../archives/fault.ts';
import { ProductRefused } from '../errors.ts';
import { productParts, type FolderKind, type Part, type PartsOfKind } from './product-parts.ts';

/** A file that is needed. */
export interface ProductMember {
  /** As the archive has it. */
  readonly path: string;
  /** Where it goes below a fresh folder, which then is the product's: its own names, without folders above it. */
  readonly target: string;
}

export interface ProductMembers {
  readonly kind: FolderKind;
  readonly members: readonly ProductMember[];
}

/**
 * Decides for a list that is known as a whole.
 * @param archive what the user named, for messages
 * @throws ProductRefused when there is not exactly one product, or not all of it
 */
export function chooseMembers(paths: Iterable<string>, archive: string): ProductMembers {
  const choice = new MemberChoice(archive);
  for (const path of paths) choice.targetOf(path);
  return choice.finish();
}

/** What a path matched. */
interface Found extends ProductMember {
  /** The product that it belongs to: its folders, and how the names of its files begin. */
  readonly product: string;
  readonly granule: string | undefined;
  readonly parts: readonly Part[];
}

/** Decides name by name, for archives whose list is not known before their end. */
export class MemberChoice {
  readonly #archive: string;
  readonly #found: Found[] = [];
  readonly #taken = new Map<Part, Found>();
  readonly #hints = new Hints();
  constructor(archive: string) {
    this.#archive = archive;
  }

  /**
   * Where a file goes; undefined when it is not needed.
   * @throws ProductRefused as soon as there is more than one product
   */
  targetOf(path: string): string | undefined {
    const found = find(path);
    if (found === undefined) {
      this.#hints.see(path);
      return undefined;
    }
    const [first] = this.#found;
    if (first !== undefined && first.product !== found.product) {
      this.#refuse(
        `holds more than one product: ${shownPath(first.product)} and ${shownPath(found.product)}`,
      );
    }
    const granules = this.#found.map(({ granule }) => granule).filter((one) => one !== undefined);
    const [granule] = granules;
    if (granule !== undefined && found.granule !== undefined && granule !== found.granule) {
      this.#refuse(`holds more than one granule: ${granule} and ${found.granule}`);
    }
    for (const part of found.parts) {
      const other = this.#taken.get(part);
      if (other !== undefined) {
        this.#refuse(
          `holds the same part of a product twice: ${shown(other.path)} and ${shown(found.path)}`,
        );
      }
      this.#taken.set(part, found);
    }
    this.#found.push(found);
    return found.target;
  }

  /**
   * The whole, once every name was seen.
   * @throws ProductRefused when there is no product, or not all of it
   */
  finish(): ProductMembers {
    const told = productParts.filter(({ parts }) =>
      parts.some((part) => part.isTelling && this.#taken.has(part)),
    );
    const [kind, other] = told;
    if (kind === undefined) this.#refuse(this.#hints.whyNone(this.#found[0]?.path));
    if (other !== undefined) {
      this.#refuse(`holds files of more than one kind: ${kind.title} and ${other.title}`);
    }
    const missing = this.#missing(kind);
    if (missing.length > 0) {
      this.#refuse(
        `holds a product of ${kind.title}, but not all that is needed of it: ${missing.join(', ')} ` +
          `${missing.length === 1 ? 'is' : 'are'} missing`,
      );
    }
    return {
      kind: kind.kind,
      members: this.#found.map(({ path, target }) => ({ path, target })),
    };
  }

  #missing({ parts }: PartsOfKind): string[] {
    const needs = new Set(parts.flatMap(({ need }) => need ?? []));
    for (const part of parts) if (part.need && this.#taken.has(part)) needs.delete(part.need);
    return [...needs];
  }

  #refuse(reason: string): never {
    throw new ProductRefused(`${this.#archive} ${reason}.`);
  }
}

function find(path: string): Found | undefined {
  const matches = productParts.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      const groups = part.pattern.exec(path)?.groups;
      return groups === undefined ? [] : [{ part, groups }];
    }),
  );
  const [first] = matches;
  if (first === undefined) return undefined;
  const { root = '', prefix = '', granule } = first.groups;
  return {
    path,
    target: path.slice(root.length),
    product: `${root}${prefix}`.replace(/\/$/, ''),
    granule,
    parts: matches.map(({ part }) => part),
  };
}

function shownPath(path: string): string {
  return path === '' ? '(the top folder)' : shown(path);
}

const accepted =
  'accepted is one product of Sentinel-2 L1C or L2A (a .SAFE folder) or of Landsat 8 or 9 (…_MTL.txt and …_B1.TIF …), ' +
  'in at most two folders';

/** What else was seen: it tells why there is no product. */
class Hints {
  #files = 0;
  #firstFile: string | undefined;
  #oldNaming: string | undefined;
  #archive: string | undefined;
  #deeper: string | undefined;

  see(path: string): void {
    if (path.endsWith('/')) return;
    this.#files++;
    this.#firstFile ??= path;
    if (/_OPER_MTD_SAF/.test(path)) this.#oldNaming ??= path;
    if (/\.(zip|tar|tgz|gz|7z)$/i.test(path)) this.#archive ??= path;
    if (/(^|\/)MTD_MSIL(1C|2A)\.xml$|_MTL\.(txt|json|xml)$/i.test(path)) this.#deeper ??= path;
  }

  /** `part` belongs to a product of which there is no more. */
  whyNone(part: string | undefined): string {
    if (this.#oldNaming !== undefined) {
      return (
        'holds a Sentinel-2 product with the naming of before December 2016, which is not supported: ' +
        'download its reprocessed successor, one product for each tile'
      );
    }
    const beside = part ?? this.#deeper;
    if (beside !== undefined) {
      return `holds ${shownPath(beside)}, but no bands where they are looked for: ${accepted}`;
    }
    if (this.#archive !== undefined) {
      return `holds an archive (${shownPath(this.#archive)}), and archives within archives are not opened: ${accepted}`;
    }
    const found =
      this.#firstFile === undefined
        ? 'no files'
        : `${this.#files} ${this.#files === 1 ? 'file' : 'files'} (${shownPath(this.#firstFile)}${this.#files > 1 ? ' …' : ''})`;
    return `holds no product that can be masked, but ${found}: ${accepted}`;
  }
}
