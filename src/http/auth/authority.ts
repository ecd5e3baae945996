/** The authority of a request: the host and port that it was sent to, in every version of HTTP. */

import { Problem } from "../../wire/problem.ts";

const AUTHORITY = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i;

/** Deno makes up this authority for a request of HTTP/1 that has no Host, if it listens on every address or on loopback. */
const MADE_UP = /^localhost:\d+$/;

/** The latest request that was accepted: most requests have the same Host, and checking it again costs 2 µs each. */
let latest = { host: "", prefix: "", authority: "" };

/**
 * Deno builds the URL by putting the authority before the path: that of HTTP/2, which has no Host header, or that of
 * the request line, or Host.
 *
 * @throws {Problem} `bad-request` if there is none, or if it is more than a host and a port
 */
export function authorityOf({ url, headers }: Request): string {
  const host = headers.get("host");
  if (host !== null && host === latest.host && url.startsWith(latest.prefix)) return latest.authority;
  const [scheme = "", , authority = ""] = url.split("/", 3);
  if (host === null ? MADE_UP.test(authority) : !AUTHORITY.test(host)) throw invalidHost();
  if (authority !== host && !AUTHORITY.test(authority)) throw invalidHost();
  if (host !== null) latest = { host, prefix: `${scheme}//${authority}/`, authority };
  return authority;
}

/**
 * Checks every request. A Host that contains a path would choose the route, and so lead past the rules of a proxy.
 * Refuses with 400 (RFC 9112, section 3.2).
 */
export function requireAuthority(request: Request): void {
  authorityOf(request);
}

function invalidHost(): Problem {
  return new Problem("bad-request", "Host: must be the host and port of this service, and nothing else");
}
