/** A page as a reader of its source sees it: text and values of attributes, entities undone. */

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

function unescaped(text: string): string {
  return text.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity] ?? entity);
}

/** Addresses of all links of a page, as they stand there. */
export function linksIn(page: string): string[] {
  return [...page.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href]) => unescaped(href ?? ''));
}

/** Text between the tags and in attributes; a line break where a browser may break a word is none. */
export function wordsOf(page: string): string {
  return unescaped(page.replaceAll('<wbr>', ''));
}

/** Every fact of a JSON document: what it holds besides its structure. */
export function factsOf(document: unknown): (string | number | boolean)[] {
  if (Array.isArray(document)) return document.flatMap(factsOf);
  if (typeof document === 'object' && document !== null)
    return Object.values(document).flatMap(factsOf);
  return [document as string | number | boolean];
}

/** Every address in a JSON document that is a link. */
export function hrefsOf(document: unknown): string[] {
  if (Array.isArray(document)) return document.flatMap(hrefsOf);
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([name, member]) =>
    name === 'href' && typeof member === 'string' ? [member] : hrefsOf(member),
  );
}
