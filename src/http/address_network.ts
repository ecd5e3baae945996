/** The network that an address is counted with. */

import ipaddr from "ipaddr.js";

const BITS = 64; // a site of IPv6 has at least so many addresses, so one client has as many as it likes

/**
 * Returns the address itself for IPv4, and the network of 64 bits for IPv6.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(networkOf("192.0.2.1"), "192.0.2.1");
 * assertEquals(networkOf("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
 * ```
 *
 * @param address in its usual form, as `clientAddress` returns it
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${BITS}`)}/${BITS}`;
}
