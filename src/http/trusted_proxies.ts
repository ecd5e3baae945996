/** The proxies that are trusted to say whom a request is from. */

import ipaddr from "ipaddr.js";

/** Networks: the address and the length of each. */
export type TrustedProxies = readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

/** @param networks each as `ADDRESS/LENGTH` */
export function trustProxies(networks: readonly string[]): TrustedProxies {
  return networks.map((network) => ipaddr.parseCIDR(network));
}

/** @param address in its usual form, as `clientAddress` returns it */
export function isTrusted(address: string, trusted: TrustedProxies): boolean {
  const parsed = ipaddr.parse(address);
  return trusted.some(([network, length]) =>
    network.kind() === parsed.kind() && parsed.match(network, length)
  );
}
