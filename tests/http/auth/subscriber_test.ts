/** identifyByToken and identifyByTokenOrTarget: the target of a request. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Hono } from "hono";
import type { Credential } from "../../../src/http/auth/credential.ts";
import {
  type Identify,
  identifyByToken,
  identifyByTokenOrTarget,
  type Subscriber,
} from "../../../src/http/auth/subscriber.ts";
import type { Token } from "../../../src/http/auth/token_verifier.ts";
import { Problem } from "../../../src/wire/problem.ts";

/** Accepts every token, and returns these properties for it. */
function acceptAny(token: Partial<Token> = {}): (jwt: string) => Promise<Token> {
  const identity = { jti: "1", issuedAt: 3 };
  return (jwt) => Promise.resolve({ target: jwt, ...identity, expiresAt: 7_000, lifeSeconds: 300, ...token });
}

/** The subscriber that `identify` finds in a request. */
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
    subscriber.catch(() => {}); // the caller awaits it
    resolve(subscriber);
    return c.body(null);
  });
  await app.request(path);
  return await promise;
}

async function problemKindOf(...request: Parameters<typeof identified>): Promise<string> {
  return (await assertRejects(() => identified(...request), Problem)).kind;
}

for (
  const [name, createIdentify] of [
    ["identifyByToken", identifyByToken],
    ["identifyByTokenOrTarget", identifyByTokenOrTarget],
  ] as const
) {
  Deno.test(`${name} returns the target, the identity and the expiry of the token`, async () => {
    for (const from of ["header", "subprotocol", "cookie", "query"] as const) {
      const subscriber = await identified(createIdentify(acceptAny()), { from });
      assertEquals(subscriber, { target: "alexander", jti: "1", issuedAt: 3, expiresAt: 7_000 });
    }
  });

  Deno.test(`${name} accepts a token in a URL only with a lifetime of at most 5 minutes`, async () => {
    for (const lifeSeconds of [300.5, 3_600, Infinity]) {
      const identify = createIdentify(acceptAny({ lifeSeconds }));
      assertEquals(await problemKindOf(identify, { from: "query" }), "not-authorized");
      for (const from of ["header", "subprotocol", "cookie"] as const) await identified(identify, { from });
    }
  });

  Deno.test(`${name} accepts ?target= only if it equals the target of the token`, async () => {
    const { target } = await identified(createIdentify(acceptAny()), { path: "/?target=alexander" });
    assertEquals(target, "alexander");
    for (const path of ["/?target=burr", "/?target=", "/?target=Alexander"]) {
      assertEquals(await problemKindOf(createIdentify(acceptAny()), { path }), "bad-request");
    }
  });

  Deno.test(`${name} rejects with the problem of the verifier`, async () => {
    const problem = new Problem("unavailable", "no keys");
    const rejected = identified(createIdentify(() => Promise.reject(problem)), {
      path: "/?target=alexander",
    });
    assertStrictEquals(await assertRejects(() => rejected), problem);
  });
}

Deno.test("identifyByToken refuses a request without a token, even with ?target=", async () => {
  assertEquals(await problemKindOf(identifyByToken(acceptAny()), { from: null }), "not-authorized");
  const named = { from: null, path: "/?target=alexander" };
  const problem = await assertRejects(() => identified(identifyByToken(acceptAny()), named), Problem);
  assertEquals([problem.kind, problem.headers], ["not-authorized", { "www-authenticate": "Bearer" }]);
});

Deno.test("identifyByTokenOrTarget accepts ?target= without an expiry", async () => {
  const path = "/?target=Alexander%20Hamilton";
  const subscriber = await identified(identifyByTokenOrTarget(acceptAny()), { from: null, path });
  assertEquals(subscriber, { target: "Alexander Hamilton", jti: null, issuedAt: null, expiresAt: null });
});

Deno.test("identifyByTokenOrTarget refuses an invalid target and a missing one", async () => {
  const long = "a".repeat(257);
  for (const path of ["/", "/?target=", "/?target=.", "/?target=..", "/?target=a%0Ab", `/?target=${long}`]) {
    assertEquals(
      await problemKindOf(identifyByTokenOrTarget(acceptAny()), { from: null, path }),
      "bad-request",
    );
  }
});

Deno.test("identifyByTokenOrTarget says how to name the target if it is missing", async () => {
  const rejected = identified(identifyByTokenOrTarget(acceptAny()), { from: null, path: "/" });
  const { message } = await assertRejects(() => rejected, Problem);
  assertEquals(message, "target: missing; send a token or, in development mode, `?target=`");
});
