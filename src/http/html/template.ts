/** The only way from values to HTML: whatever is put into a template is escaped, unless it is HTML already. */

/** Text that may stand in a page as it is. Only `html` makes it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes. Nothing, false and undefined leave no trace. */
export type Part = Html | string | number | false | undefined | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template tag. Every value is escaped for text and for attributes in quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.map((string, at) => (at === 0 ? string : render(parts[at - 1]) + string));
  return new Html(text.join(''));
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string')
    return part.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
  return part.map(render).join('');
}
