/** Tests TIDINGS_TRUSTED_PROXIES: networks and addresses, of IPv4 and IPv6. */

import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, configFrom } from "../../src/config/config.ts";

function proxies(TIDINGS_TRUSTED_PROXIES: string): readonly string[] {
  return configFrom({ TIDINGS_TRUSTED_PROXIES }).trustedProxies;
}

Deno.test("configFrom accepts networks and addresses of trusted proxies, of IPv4 and IPv6", () => {
  assertEquals(configFrom({}).trustedProxies, []);
  assertEquals(proxies("10.0.0.0/8, 192.0.2.7\n2001:DB8:0::/32,::1"), [
    ...["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::1/128"],
  ]);
});

Deno.test("configFrom takes addresses of IPv6 that stand for IPv4 as IPv4", () => {
  assertEquals(proxies("::ffff:10.0.0.0/104,::ffff:192.0.2.7"), ["10.0.0.0/8", "192.0.2.7/32"]);
});

Deno.test("configFrom warns if everyone is trusted", () => {
  for (const all of ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"]) {
    const { warnings } = configFrom({ TIDINGS_TRUSTED_PROXIES: all });
    assertEquals(warnings.map((text) => text.split(":", 1)[0]), ["TIDINGS_TRUSTED_PROXIES"]);
  }
});

for (
  const wrong of [
    ...["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "010.0.0.0/8", "10.0.0/8", "10", "0x0a000000/8"],
    ...["2001:db8::1/32", "::/129", "::ffff:10.0.0.0/8", "fe80::1%eth0", "[::1]", "10.0.0.0/", "10.0.0.0/-1"],
    ...["10.0.0.1:80", "10.0.0.0/8,", "10.0.0.0/8/8"],
  ]
) {
  Deno.test(`configFrom refuses the trusted proxy ${wrong}`, () => {
    const { message } = assertThrows(() => proxies(wrong), ConfigError);
    const item = wrong.endsWith(",") ? 2 : 1;
    assertEquals(message.split(": expected", 1)[0], `TIDINGS_TRUSTED_PROXIES, item ${item}`);
  });
}
