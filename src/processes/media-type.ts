/** In characters; no media type has as many. */
const longest = 1000;

/** Type and parameters: case, spaces, quotes and order make no difference. */
function parts(mediaType: string): {
  readonly type: string;
  readonly parameters: readonly string[];
} {
  const [type = '', ...parameters] = mediaType.toLowerCase().replaceAll(/[\s"]/g, '').split(';');
  return { type, parameters };
}

/** True when `wanted` names the offered media type, with all, some or none of its parameters. */
export function isSameMediaType(wanted: string, offered: string): boolean {
  if (wanted.length > longest) return false;
  const [asked, given] = [parts(wanted), parts(offered)];
  return (
    asked.type === given.type && asked.parameters.every((one) => given.parameters.includes(one))
  );
}
