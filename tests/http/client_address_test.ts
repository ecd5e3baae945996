/** Tests which address counts as that of the client, whatever stands in the headers. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { networkOf } from "../../src/http/address_network.ts";
import { clientAddress } from "../../src/http/client_address.ts";
import { ClientNetworks } from "../../src/http/client_networks.ts";
import { trustProxies } from "../../src/http/trusted_proxies.ts";

const PROXY = "10.0.0.1", TRUSTED = ["10.0.0.0/8", "fd00::/8"];

function addressOf(headers: HeadersInit, { peer = PROXY, trusted = TRUSTED } = {}): string {
  return clientAddress({ headers: new Headers(headers), peer }, trustProxies(trusted));
}

const xff = (value: string) => addressOf({ "x-forwarded-for": value });
const forwarded = (value: string) => addressOf({ forwarded: value });

Deno.test("clientAddress is the peer's unless the peer is trusted", () => {
  const headers = { "x-forwarded-for": "192.0.2.1", forwarded: "for=192.0.2.1" };
  assertEquals(addressOf(headers, { peer: "203.0.113.5" }), "203.0.113.5");
  assertEquals(addressOf(headers, { peer: "203.0.113.5", trusted: [] }), "203.0.113.5");
  assertEquals(addressOf(headers, { peer: "2001:db8::1" }), "2001:db8::1");
  assertEquals(addressOf(headers), "192.0.2.1");
  assertEquals(addressOf({}), PROXY);
});

Deno.test("clientAddress takes an address of IPv6 that stands for IPv4 as that", () => {
  assertEquals(
    addressOf({ "x-forwarded-for": "::ffff:192.0.2.1" }, { peer: "::ffff:10.0.0.1" }),
    "192.0.2.1",
  );
  assertEquals(addressOf({}, { peer: "::ffff:192.0.2.9" }), "192.0.2.9");
  assertEquals(addressOf({ "x-forwarded-for": "192.0.2.1" }, { peer: "fd00::1" }), "192.0.2.1");
});

for (
  const [value, expected] of [
    ["192.0.2.1", "192.0.2.1"],
    ["made up, 198.51.100.1 , 192.0.2.1", "192.0.2.1"],
    ["198.51.100.1, 192.0.2.1, 10.0.0.2, 10.0.0.3", "192.0.2.1"],
    ["10.0.0.2, 10.0.0.3", "10.0.0.2"],
    ["192.0.2.1:4711", "192.0.2.1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["", PROXY],
    ["unknown", PROXY],
    ["192.0.2.1, unknown", PROXY],
    ["192.0.2.1, _hidden, 10.0.0.2", "10.0.0.2"],
    ["192.0.2.1, 10.0.0", PROXY],
    ["192.0.2.1, 010.0.0.2", PROXY],
    ["192.0.2.1, 3232235521", PROXY],
    ["192.0.2.256", PROXY],
    ["192.0.2.1:port", PROXY],
    ["[192.0.2.1]", PROXY],
    ["fe80::1%eth0", PROXY],
    ["'192.0.2.1'", PROXY],
  ] as const
) {
  Deno.test(`clientAddress reads X-Forwarded-For: ${value}`, () => assertEquals(xff(value), expected));
}

for (
  const [value, expected] of [
    ["for=192.0.2.1", "192.0.2.1"],
    ['proto=https;For="[2001:db8::1]:4711";by=10.0.0.9', "2001:db8::1"],
    ["for=198.51.100.1, for=192.0.2.1;host=a, for=10.0.0.2", "192.0.2.1"],
    ['for="192.0.2.1:80"', "192.0.2.1"],
    ['for="192.0.2\\.1"', "192.0.2.1"],
    ['for="198.51.100.1, for=192.0.2.1"', PROXY],
    ["for=192.0.2.1, proto=https", PROXY],
    ["for=192.0.2.1, for=unknown", PROXY],
    ["for=192.0.2.1, for=_SEVKISEK", PROXY],
    ['for="192.0.2.1', PROXY],
    ["192.0.2.1", PROXY],
    ["for=192.0.2.1 @", PROXY],
  ] as const
) {
  Deno.test(`clientAddress reads Forwarded: ${value}`, () => assertEquals(forwarded(value), expected));
}

Deno.test("clientAddress is the peer's if X-Forwarded-For and Forwarded name different clients", () => {
  const both = (a: string, b: string) => addressOf({ "x-forwarded-for": a, forwarded: b });
  assertEquals(both("192.0.2.1", "for=192.0.2.1"), "192.0.2.1");
  assertEquals(both("192.0.2.1", "for=192.0.2.2"), PROXY);
  assertEquals(both("192.0.2.1", "nonsense"), PROXY);
});

Deno.test("clientAddress of a request that one trusted proxy has passed on is what that proxy has added", () => {
  const made = fc.string({ unit: "grapheme-ascii" }).map((text) => text.replaceAll(/[^ -~]/g, ""));
  fc.assert(fc.property(made, fc.ipV4().filter((address) => !address.startsWith("10.")), (text, client) => {
    assertEquals(xff(`${text}, ${client}`), client);
  }));
});

Deno.test("clientAddress reads any header without an error", () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:[]%,;="\\ for_'), maxLength: 60 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assertEquals(typeof addressOf({ "x-forwarded-for": a, forwarded: b }), "string");
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("networkOf is the address of IPv4, and 64 bits of IPv6", () => {
  assertEquals(networkOf("192.0.2.1"), "192.0.2.1");
  assertEquals(networkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assertEquals(networkOf("2001:db8:1:2::"), networkOf("2001:db8:1:2:ffff::1"));
  assertEquals(networkOf("::1"), "::/64");
});

Deno.test("ClientNetworks.of finds the network of a request, and none without an address", () => {
  const networks = new ClientNetworks(TRUSTED);
  const request = { headers: new Headers({ "x-forwarded-for": "2001:db8:1:2::7" }) };
  const info = { remoteAddr: { transport: "tcp", hostname: PROXY, port: 1 } } as const;
  assertEquals(networks.of(request, info), "2001:db8:1:2::/64");
  assertEquals(networks.of(request, undefined), undefined);
  assertEquals(networks.of(request, { remoteAddr: { transport: "unix", path: "/s" } }), undefined);
});
