/** An address as it may be shown and kept: queries of download links are often secrets. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
