/** `If-None-Match` (RFC 9110, section 13.1.2): whether who asks already has what would be answered. */

const TAGS = /(?:W\/)?("[^"]*")/g; // a tag may have a comma in it

/** Compared weakly: `W/`, which a proxy that packs puts before a tag, makes no difference. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === "*") return true;
  const opaque = etag.replace(/^W\//, "");
  return [...ifNoneMatch.matchAll(TAGS)].some(([, known]) => known === opaque);
}
