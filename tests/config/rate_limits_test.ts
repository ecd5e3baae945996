/** Tests the variables with limits of rates: what they accept, what they mean, and how a wrong value stops the start. */

import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, configFrom } from "../../src/config/config.ts";
import type { RateLimits } from "../../src/config/rate_limits.ts";

const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: "a key that is long enough".replaceAll(" ", "-"),
  TIDINGS_SCOPED_KEYS: `billing:publish:${"b".repeat(32)},bulk-1:publish:${"c".repeat(32)}`,
  TIDINGS_TOKEN_SECRET: "s".repeat(32),
};

function limitsOf(environment: Record<string, string>): RateLimits {
  return configFrom({ ...SECRETS, ...environment }).rateLimits;
}

function faultOf(environment: Record<string, string>): string {
  return assertThrows(() => limitsOf(environment), ConfigError).message;
}

Deno.test("configFrom limits only wrong keys and tokens by default, and nothing in development mode", () => {
  assertEquals(limitsOf({}), {
    keys: new Map(),
    addressRequests: null,
    attempts: { perSecond: 10, burst: 50 },
    connections: null,
  });
  assertEquals(configFrom({}).rateLimits.attempts, null);
});

Deno.test("configFrom gives each key the limits of all keys, unless it has its own", () => {
  const { keys } = limitsOf({
    TIDINGS_KEY_LIMITS: "requests=100:200, bulk-1/requests=5, notifications=1000, billing/notifications=OFF",
  });
  const notifications = { perSecond: 1_000, burst: 5_000 }, requests = { perSecond: 100, burst: 200 };
  assertEquals(
    keys,
    new Map([
      ["key-1", { requests, notifications }],
      ["billing", { requests, notifications: null }],
      ["bulk-1", { requests: { perSecond: 5, burst: 25 }, notifications }],
    ]),
  );
});

Deno.test("configFrom keeps only the keys that have a limit", () => {
  const { keys } = limitsOf({ TIDINGS_KEY_LIMITS: "billing/notifications=0.5" });
  assertEquals(keys, new Map([["billing", { requests: null, notifications: { perSecond: 0.5, burst: 3 } }]]));
});

Deno.test("configFrom limits everyone together in development mode", () => {
  const { rateLimits: { keys } } = configFrom({ TIDINGS_KEY_LIMITS: "requests=2:1" });
  assertEquals(keys, new Map([["anyone", { requests: { perSecond: 2, burst: 1 }, notifications: null }]]));
});

Deno.test("configFrom keeps the default limit of attempts beside another limit of addresses, and can turn it off", () => {
  const requests = { perSecond: 20, burst: 100 }, attempts = { perSecond: 10, burst: 50 };
  const both = limitsOf({ TIDINGS_ADDRESS_LIMITS: "requests=20" });
  assertEquals([both.addressRequests, both.attempts], [requests, attempts]);
  assertEquals(limitsOf({ TIDINGS_ADDRESS_LIMITS: "attempts=off" }).attempts, null);
  assertEquals(limitsOf({ TIDINGS_ADDRESS_LIMITS: "attempts=0.1:5" }).attempts, { perSecond: 0.1, burst: 5 });
});

Deno.test("configFrom limits new connections", () => {
  assertEquals(limitsOf({ TIDINGS_CONNECTION_LIMIT: "1000" }).connections, {
    perSecond: 1_000,
    burst: 5_000,
  });
  assertEquals(limitsOf({ TIDINGS_CONNECTION_LIMIT: "off" }).connections, null);
});

const RATE = "expected RATE[:BURST], from 0.01 to 1000000 a second and from 1 to 10000000 at once, or off";
const KEY_FORM = "expected [NAME/]requests=RATE[:BURST] or [NAME/]notifications=RATE[:BURST]";
const ADDRESS_FORM = "expected requests=RATE[:BURST] or attempts=RATE[:BURST]";

for (
  const [name, value, fault] of [
    ["TIDINGS_KEY_LIMITS", "100", `, item 1: ${KEY_FORM}`],
    ["TIDINGS_KEY_LIMITS", "requests=1,targets=2", `, item 2: ${KEY_FORM}`],
    ["TIDINGS_KEY_LIMITS", "requests=many", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=0", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=0.001", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=1000001", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=1:0", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=1:10000001", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=1:", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=-1", `, item 1: ${RATE}`],
    ["TIDINGS_KEY_LIMITS", "requests=1,requests=2", ", item 2: item 1 limits the same"],
    ["TIDINGS_KEY_LIMITS", "bulk-1/requests=1,bulk-1/requests=1", ", item 2: item 1 limits the same"],
    ["TIDINGS_KEY_LIMITS", "requests=1,bulk/requests=1", ", item 2: there is no key with this name"],
    ["TIDINGS_ADDRESS_LIMITS", "requests", `, item 1: ${ADDRESS_FORM}`],
    ["TIDINGS_ADDRESS_LIMITS", "notifications=1", `, item 1: ${ADDRESS_FORM}`],
    ["TIDINGS_ADDRESS_LIMITS", "attempts=ten", `, item 1: ${RATE}`],
    ["TIDINGS_ADDRESS_LIMITS", "attempts=1,requests=1,attempts=2", ", item 3: item 1 limits the same"],
    ["TIDINGS_CONNECTION_LIMIT", "10/20", `: ${RATE}`],
    ["TIDINGS_CONNECTION_LIMIT", "10.123", `: ${RATE}`],
  ] as const
) {
  Deno.test(`configFrom refuses ${name}=${value}`, () => {
    assertEquals(faultOf({ [name]: value }), name + fault);
  });
}
