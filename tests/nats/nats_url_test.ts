/** parseNatsUrl: servers, login and options. */

import { assert, assertEquals } from "@std/assert";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";

const DEFAULTS = {
  servers: ["a:4222"],
  user: null,
  password: null,
  credentials: null,
  tls: null,
  stream: "tidings",
  replicas: 1,
};

Deno.test("parseNatsUrl parses servers, login and options", () => {
  assertEquals(parseNatsUrl("nats://a"), DEFAULTS);
  assertEquals(parseNatsUrl("nats://a:4223/"), { ...DEFAULTS, servers: ["a:4223"] });
  assertEquals(
    parseNatsUrl("nats://h:p%40ss@a,nats://b:1/?stream=push&replicas=3&credentials=/run/c.creds"),
    {
      ...DEFAULTS,
      servers: ["a:4222", "b:1"],
      user: "h",
      password: "p@ss",
      stream: "push",
      replicas: 3,
      credentials: "/run/c.creds",
    },
  );
  assertEquals(parseNatsUrl("nats://[::1]:4222")?.servers, ["[::1]:4222"]);
});

Deno.test("parseNatsUrl takes the scheme of the first server for those without one", () => {
  assertEquals(parseNatsUrl("nats://a,b:4223,nats://c/")?.servers, ["a:4222", "b:4223", "c:4222"]);
  const tls = parseNatsUrl("tls://u:p@a:1,b:2/?replicas=3");
  assertEquals([tls?.servers, tls?.user, tls?.replicas], [["a:1", "b:2"], "u", 3]);
  assert(tls?.tls);
});

Deno.test("parseNatsUrl requires TLS if the scheme is tls or there is a certificate", () => {
  const none = { ca: null, cert: null, key: null };
  assertEquals(parseNatsUrl("tls://a")?.tls, none);
  assertEquals(parseNatsUrl("nats://a?ca=ca.pem")?.tls, { ...none, ca: "ca.pem" });
  assertEquals(parseNatsUrl("tls://a/?cert=c.pem&key=k.pem")?.tls, { ...none, cert: "c.pem", key: "k.pem" });
});

for (
  const text of [
    "",
    "nats:",
    "nats://",
    "http://a",
    "nats://a,http://b",
    "nats://a,tls://b",
    "nats://a,",
    "nats://a/path",
    "nats://a#b",
    "nats://a:port",
    "nats://a?streams=x",
    "nats://a?stream=x&stream=y",
    "nats://a?stream=",
    "nats://a?stream=a.b",
    "nats://a?replicas=0",
    "nats://a?replicas=6",
    "nats://a?cert=c.pem",
    "nats://%zz@a",
  ]
) {
  Deno.test(`parseNatsUrl rejects ${JSON.stringify(text)}`, () => {
    assertEquals(parseNatsUrl(text), undefined);
  });
}
