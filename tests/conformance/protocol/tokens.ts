/** Rules K: the tokens that the server makes. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";

/** The claims of a token, whatever its signature. */
function claimsOf(token: string): Record<string, unknown> {
  const part = token.split(".")[1] ?? "";
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })));
}

export const TOKENS: readonly Case[] = [
  {
    rule: "K1",
    title: "A token is valid for an hour by default, and for 1 second to 30 days",
    needs: ["secret"],
    run: async (server) => {
      const ask = async (body: unknown) => await server.publisher("/v1/tokens", { method: "POST", body });
      const target = server.name();
      const { token, expires_at } = (await ask({ target })).is(200).body;
      expect(
        Math.abs(Date.parse(expires_at) - Date.now() - 3_600_000) < 60_000,
        `it expires at ${expires_at}`,
      );
      const headers = { authorization: `Bearer ${token}` };
      equal((await server.request("/v1/inbox", { headers })).is(200).body.target, {
        is: target,
        in: "its target",
      });
      for (const expires_in of [1, 2_592_000]) (await ask({ target, expires_in })).is(200);
      for (const expires_in of [0, 2_592_001, 1.5]) {
        (await ask({ target, expires_in })).isProblem(422, "does-not-fit");
      }
    },
  },
  {
    rule: "K2",
    title: "A token is a JWT by HS256, with sub, iat, exp and the jti of the answer",
    needs: ["secret"],
    run: async (server) => {
      const target = server.name();
      const { token, jti: answered } =
        (await server.publisher("/v1/tokens", { method: "POST", body: { target } })).is(200).body;
      match(token, { is: /^eyJ[\w-]+\.[\w-]+\.[\w-]{43}$/, in: "the token" });
      const { sub, iat, exp, jti } = claimsOf(token);
      equal([sub, Number(exp) - Number(iat)], { is: [target, 3_600], in: "`sub`, and `exp` less `iat`" });
      equal(jti, { is: answered, in: "`jti`" });
    },
  },
  {
    rule: "K4",
    title: "The body is limited to 4,096 bytes",
    needs: ["keys"],
    run: async (server) => {
      const body = JSON.stringify({ target: "a" }).padEnd(4_097);
      (await server.publisher("/v1/tokens", { method: "POST", body })).isProblem(413, "too-large");
    },
  },
];
