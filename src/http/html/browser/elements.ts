/** The element that a page of ours is known to have. */
export function element<T extends Element>(selector: string, kind: new () => T): T {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`This page has no ${selector}.`);
}

/** All elements of one kind that a selector finds. */
export function elements<T extends Element>(selector: string, kind: new () => T): T[] {
  return [...document.querySelectorAll(selector)].filter(
    (found): found is T => found instanceof kind,
  );
}
