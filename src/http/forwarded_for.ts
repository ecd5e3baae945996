/** Parses `Forwarded` (RFC 7239): whom each proxy got the request from. */

/** A parameter, with its value as a token or a quoted string, or a character that separates; or else anything. */
const PART = /([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~:[\]-]+))|[;,]|\s+|[^]/g;

/**
 * Returns the parameter `for` of each element, from left to right. Undefined if an element has none. What is malformed
 * makes the whole header worthless, because nobody knows where its elements begin.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(forwardedFor('for="[2001:db8::1]:4711";proto=https, By=x, FOR=_hidden'), ["[2001:db8::1]:4711", undefined, "_hidden"]);
 * assertEquals(forwardedFor('for="192.0.2.1, for=192.0.2.2'), []);
 * ```
 */
export function forwardedFor(header: string): (string | undefined)[] {
  const found: (string | undefined)[] = [undefined];
  for (const [part, name, quoted, token] of header.matchAll(PART)) {
    if (part === ",") found.push(undefined);
    else if (name?.toLowerCase() === "for") {
      found[found.length - 1] = quoted?.replaceAll(/\\(.)/g, "$1") ?? token;
    } else if (name === undefined && part !== ";" && part.trim() !== "") return [];
  }
  return found;
}
