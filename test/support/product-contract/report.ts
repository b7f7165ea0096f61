/** The tables that the contract suite prints at its end. */

/** Rows in columns as wide as their cells. */
function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `\n${title}\n${lines.join('\n')}\n`;
}

/** What the suites of all kinds have found. */
export class Report {
  /** By path of the product. */
  readonly #gave = new Map<string, string[]>();
  readonly #leastShare = new Map<string, number>();
  readonly #masks: string[][] = [];
  readonly #values: string[][] = [];
  readonly #broken: string[][] = [];

  /** What a product gave. */
  gave(product: string, what: string): void {
    this.#gave.set(product, [...(this.#gave.get(product) ?? []), what]);
  }

  /** How much of a product's mask equals one of the reference, 0–1. */
  share(product: string, mask: readonly string[], share: number): void {
    this.#masks.push([...mask, share.toFixed(6)]);
    this.#leastShare.set(product, Math.min(share, this.#leastShare.get(product) ?? 1));
  }

  /** How far values are from those of a reference. */
  difference(product: string, reference: string, values: number, largest: number): void {
    this.#values.push([product, reference, String(values), largest.toExponential(1)]);
  }

  /** How a broken product ended. */
  ended(name: string, how: string, message: string): void {
    this.#broken.push([name, how, message]);
  }

  text(): string {
    const products = [...this.#gave].map(([path, gave]) => {
      const share = this.#leastShare.get(path);
      return [path, share?.toFixed(6) ?? '–', gave.join('; mended: ')];
    });
    return [
      table('Products', [['product', 'equal', 'gave'], ...products]),
      table('Radiometry and what enters the network', [
        ['product', 'reference', 'values', 'largest difference'],
        ...this.#values,
      ]),
      table('Masks of the reference', [['scene', 'stride', 'style', 'equal'], ...this.#masks]),
      table('Broken products', [['case', 'ended', 'with'], ...this.#broken]),
    ].join('');
  }
}
