/** Why a STAC Item is refused: a word for tests and logs beside the message for the user. */
import { ProductRefused } from '../../errors.ts';

export type RefusalReason =
  | 'not-json'
  | 'too-large'
  | 'too-deep'
  | 'not-an-item'
  | 'unsupported-product'
  | 'missing-bands'
  | 'missing-thermal'
  | 'ambiguous-band'
  | 'mixed-products'
  | 'missing-radiometry'
  | 'radiometry-conflict'
  | 'radiometry-ambiguous'
  | 'size-mismatch'
  | 'sun-below-horizon'
  | 'media-type'
  | 'href-scheme'
  | 'address-not-allowed'
  | 'relative-href-without-base';

/** The Item cannot be masked, and asking again would not help: names the asset or property and what is wrong. */
export class ItemRefused extends ProductRefused {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Text of an Item as a message shows it: short, on one line. */
export function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
