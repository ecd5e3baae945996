/** The networks of proxies that say truly whom a request is from: `TIDINGS_TRUSTED_PROXIES`. */

import ipaddr from "ipaddr.js";
import { z } from "zod";

const EXPECTED =
  "expected the address of a network and its length, like 10.0.0.0/8 or fd00::/8, or an address";
const MAPPED_BITS = 96; // before the IPv4 address in ::ffff:0:0/96

/** `ADDRESS/LENGTH` or `ADDRESS`. Gives `ADDRESS/LENGTH`, of IPv4 also for addresses of IPv6 that stand for one. */
export const TrustedProxy = z.string().transform((text, context): string => {
  const [, address = "", given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const network = isAddress(address) ? parseNetwork(address, given) : undefined;
  if (network !== undefined) return network;
  context.addIssue({ code: "custom", message: EXPECTED });
  return z.NEVER;
});

/** True if everyone is trusted, so that each client can choose its address. */
export function trustsEveryone(network: string): boolean {
  return network.endsWith("/0");
}

/** Only the usual form: other parsers read 010.0.0.1 as another address. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes("%"));
}

/** Undefined if the length is too large, or if the address has bits beyond it: a digit is probably wrong then. */
function parseNetwork(text: string, given: string | undefined): string | undefined {
  const written = ipaddr.parse(text), address = ipaddr.process(text);
  const isMapped = written.kind() !== address.kind();
  const bits = address.kind() === "ipv4" ? 32 : 128;
  const length = given === undefined ? bits : Number(given) - (isMapped ? MAPPED_BITS : 0);
  if (length < 0 || length > bits) return undefined;
  const network = `${address}/${length}`;
  const first = address.kind() === "ipv4"
    ? ipaddr.IPv4.networkAddressFromCIDR(network)
    : ipaddr.IPv6.networkAddressFromCIDR(network);
  return `${first}` === `${address}` ? network : undefined;
}
