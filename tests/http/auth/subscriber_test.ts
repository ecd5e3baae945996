/** byToken and byTokenOrName: whose browser it is that wants to connect. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Hono } from "hono";
import type { Credential } from "../../../src/http/auth/credential.ts";
import { byToken, byTokenOrName, type Identify, type Subscriber } from "../../../src/http/auth/subscriber.ts";
import type { Token } from "../../../src/http/auth/token_verifier.ts";
import { Problem } from "../../../src/wire/problem.ts";

/** Believes every token, and takes it for one with these properties. */
function believing(token: Partial<Token> = {}): (jwt: string) => Promise<Token> {
  return (jwt) => Promise.resolve({ target: jwt, expiresAt: 7_000, lifeSeconds: 300, ...token });
}

/** What `identify` makes of a request. */
async function identified(
  identify: Identify,
  { path = "/", from = "header", jwt = "alexander" }: {
    path?: string;
    from?: Credential["from"] | null;
    jwt?: string;
  } = {},
): Promise<Subscriber> {
  const app = new Hono();
  const { promise, resolve } = Promise.withResolvers<Promise<Subscriber>>();
  app.get("/", (c) => {
    const subscriber = identify(c, from === null ? null : { jwt, from });
    subscriber.catch(() => {}); // whoever awaits it is told
    resolve(subscriber);
    return c.body(null);
  });
  await app.request(path);
  return await promise;
}

async function refusalOf(...request: Parameters<typeof identified>): Promise<string> {
  return (await assertRejects(() => identified(...request), Problem)).kind;
}

for (const [word, by] of [["byToken", byToken], ["byTokenOrName", byTokenOrName]] as const) {
  Deno.test(`${word} believes the token, and says until when`, async () => {
    for (const from of ["header", "subprotocol", "cookie", "query"] as const) {
      const subscriber = await identified(by(believing()), { from });
      assertEquals(subscriber, { target: "alexander", expiresAt: 7_000 });
    }
  });

  Deno.test(`${word} takes a token from a URL only if it lives for 5 minutes or less`, async () => {
    for (const lifeSeconds of [300.5, 3_600, Infinity]) {
      const identify = by(believing({ lifeSeconds }));
      assertEquals(await refusalOf(identify, { from: "query" }), "not-authorized");
      for (const from of ["header", "subprotocol", "cookie"] as const) await identified(identify, { from });
    }
  });

  Deno.test(`${word} takes ?target= only if it says what the token says`, async () => {
    const { target } = await identified(by(believing()), { path: "/?target=alexander" });
    assertEquals(target, "alexander");
    for (const path of ["/?target=burr", "/?target=", "/?target=Alexander"]) {
      assertEquals(await refusalOf(by(believing()), { path }), "bad-request");
    }
  });

  Deno.test(`${word} refuses a token for what cannot be a target`, async () => {
    for (const jwt of ["", ".", "..", "a\0b", "a".repeat(257), "\ud800"]) {
      assertEquals(await refusalOf(by(believing()), { jwt }), "bad-request");
    }
  });

  Deno.test(`${word} rejects as the verifier does`, async () => {
    const reason = new Problem("unavailable", "no keys");
    const rejected = identified(by(() => Promise.reject(reason)), { path: "/?target=alexander" });
    assertStrictEquals(await assertRejects(() => rejected), reason);
  });
}

Deno.test("byToken refuses who shows no token, whatever name is given", async () => {
  assertEquals(await refusalOf(byToken(believing()), { from: null }), "not-authorized");
  const named = { from: null, path: "/?target=alexander" };
  const problem = await assertRejects(() => identified(byToken(believing()), named), Problem);
  assertEquals([problem.kind, problem.headers], ["not-authorized", { "www-authenticate": "Bearer" }]);
});

Deno.test("byTokenOrName believes a name, for ever", async () => {
  const path = "/?target=Alexander%20Hamilton";
  const subscriber = await identified(byTokenOrName(believing()), { from: null, path });
  assertEquals(subscriber, { target: "Alexander Hamilton", expiresAt: null });
});

Deno.test("byTokenOrName refuses what cannot be a target, and none at all", async () => {
  const long = "a".repeat(257);
  for (const path of ["/", "/?target=", "/?target=.", "/?target=..", "/?target=a%0Ab", `/?target=${long}`]) {
    assertEquals(await refusalOf(byTokenOrName(believing()), { from: null, path }), "bad-request");
  }
});

Deno.test("byTokenOrName says how to name a target where none is named", async () => {
  const nobody = identified(byTokenOrName(believing()), { from: null, path: "/" });
  const { message } = await assertRejects(() => nobody, Problem);
  assertEquals(message, "target: is missing; a token says it or, in development mode alone, `?target=`");
});
