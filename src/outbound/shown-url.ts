/** An address as messages and logs may show it: queries and users of links are often secrets. */
const longest = 300;

/** The address as it was given, without user, query and fragment. Takes any text. */
export function shownUrl(text: string): string {
  // The URL parser drops these characters too, also in the middle of a scheme.
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  if (!URL.canParse(plain)) return 'the given text';
  const url = new URL(plain);
  const hasUser = url.username !== '' || url.password !== '';
  const whole = hasUser ? `${url.protocol}//${url.host}${url.pathname}` : plain;
  const shown = whole.replace(/[?#].*$/s, '');
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}
