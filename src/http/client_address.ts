/** The address of the client that a request is from: that of its socket, or the one that a trusted proxy names. */

import ipaddr from "ipaddr.js";
import { isTrusted, type TrustedProxies } from "./trusted_proxies.ts";
import { forwardedFor } from "./forwarded_for.ts";

/** Where a request comes from. */
export interface RequestOrigin {
  readonly headers: Headers;
  /** The address of the other end of the socket. */
  readonly peer: string;
}

/**
 * Returns the address in its usual form: of IPv4 for an address of IPv6 that stands for one.
 *
 * It is the peer's, unless the peer is a trusted proxy. Each proxy adds at the right whom it got the request from, so the
 * addresses are read from the right, and the first one that is no trusted proxy is the client's: what stands left of it
 * can be made up. An entry that is no address (`unknown`, or an obfuscated identifier) hides the client, and the proxy
 * that has added it stands for it.
 *
 * `X-Forwarded-For` and `Forwarded` say the same in different ways. If a request has both, and they name different
 * clients, a proxy has passed one of them on unchanged, and nobody knows which: then the peer counts.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trustProxies } from "./trusted_proxies.ts";
 *
 * const trusted = trustProxies(["10.0.0.0/8"]);
 * const headers = new Headers({ "x-forwarded-for": "made-up, 192.0.2.7, 10.1.1.1" });
 * assertEquals(clientAddress({ headers, peer: "10.0.0.1" }, trusted), "192.0.2.7");
 * assertEquals(clientAddress({ headers, peer: "203.0.113.5" }, trusted), "203.0.113.5"); // trusts nobody else
 * ```
 */
export function clientAddress({ headers, peer }: RequestOrigin, trusted: TrustedProxies): string {
  const own = normalize(peer);
  if (trusted.length === 0 || !isTrusted(own, trusted)) return own;
  const xForwardedFor = headers.get("x-forwarded-for"), forwarded = headers.get("forwarded");
  const named = xForwardedFor === null ? undefined : clientOf(xForwardedFor.split(","), { own, trusted });
  const alsoNamed = forwarded === null ? undefined : clientOf(forwardedFor(forwarded), { own, trusted });
  if (named === undefined) return alsoNamed ?? own;
  return alsoNamed === undefined || alsoNamed === named ? named : own;
}

function clientOf(
  entries: readonly (string | undefined)[],
  { own, trusted }: { own: string; trusted: TrustedProxies },
): string {
  let client = own;
  for (let index = entries.length - 1; index >= 0; index--) {
    const address = parseEntry(entries[index]);
    if (address === undefined) return client;
    client = address;
    if (!isTrusted(client, trusted)) return client;
  }
  return client;
}

/** An address, or `ADDRESS:PORT`, where an address of IPv6 has brackets. Undefined if it is no address. */
function parseEntry(entry = ""): string | undefined {
  const text = entry.trim();
  const [, inBrackets, ipv4] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? [];
  const address = inBrackets ?? ipv4 ?? text;
  const isIPv4 = inBrackets === undefined && ipaddr.IPv4.isValidFourPartDecimal(address);
  return isIPv4 || ipaddr.IPv6.isValid(address) && !address.includes("%") ? normalize(address) : undefined;
}

/** Most addresses are of IPv4, and have only one form. */
function normalize(address: string): string {
  return address.includes(":") ? ipaddr.process(address.replace(/%.*$/, "")).toString() : address;
}
