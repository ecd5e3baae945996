/** `If-None-Match` (RFC 9110, section 13.1.2): whether the client already has the current version. */

const TAGS = /(?:W\/)?("[^"]*")/g; // a tag may contain a comma

/** True if the header lists the tag. The comparison is weak, because a proxy that compresses prepends `W/` to a tag. */
export function matchesEtag(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === "*") return true;
  const opaque = etag.replace(/^W\//, "");
  return [...ifNoneMatch.matchAll(TAGS)].some(([, tag]) => tag === opaque);
}
