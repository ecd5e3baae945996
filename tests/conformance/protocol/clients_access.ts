/** Rules A of clients: tokens, where they are found, and how long they count. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import { equal, match } from "../client/expect.ts";
import { type Claims, signToken, type TokenOptions } from "../client/token.ts";
import type { TestedServer } from "../tested_server.ts";

const NOW = () => Math.floor(Date.now() / 1000);

/** Asks for the inbox with a token that has these claims. */
async function inboxWith(
  server: TestedServer,
  { claims = {}, ...options }: { claims?: Claims } & Partial<TokenOptions> = {},
): Promise<Answer> {
  const all = { sub: server.name(), iat: NOW(), exp: NOW() + 60, ...claims };
  const token = await signToken(all, { secret: server.settings.secret ?? "", ...options });
  return await server.request("/v1/inbox", { headers: { authorization: `Bearer ${token}` } });
}

export const CLIENTS_ACCESS: readonly Case[] = [
  {
    rule: "A3",
    title: "The token is taken from the header, the subprotocol, the cookie or the query, in this order",
    needs: ["keys"],
    run: async (server) => {
      const target = server.name(), { origin } = server.settings;
      const right = await server.token(target), wrong = `${right}x`;
      const protocol = (token: string) => ({
        "sec-websocket-protocol": `tidings.v1, tidings.bearer.${token}`,
      });
      const cookie = (token: string) => ({ cookie: `tidings_token=${token}`, origin });
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
      const query = { access_token: right };
      for (
        const headers of [bearer(right), protocol(right), cookie(right), {
          ...bearer(right),
          ...cookie(wrong),
        }]
      ) {
        await server.socket("/v1/connect", { headers });
      }
      await server.socket("/v1/connect", { query });
      for (const headers of [bearer(wrong), protocol(wrong), cookie(wrong)]) {
        const answer = await server.request(`/v1/connect?access_token=${right}`, { headers: { ...headers } });
        answer.isProblem(401, "not-authorized");
      }
      const first = { ...protocol(right), ...cookie(wrong) };
      await server.socket("/v1/connect", { headers: first });
    },
  },
  {
    rule: "A4",
    title: "A token without a `sub` that can be a target is 401",
    needs: ["secret"],
    run: async (server) => {
      for (const sub of [undefined, 42, "", ".", "..", "x".repeat(257), "a\u0000b"]) {
        (await inboxWith(server, { claims: { sub } })).isProblem(401, "not-authorized");
      }
      equal((await inboxWith(server, { claims: { sub: "x".repeat(256) } })).status, {
        is: 200,
        in: "256 characters",
      });
    },
  },
  {
    rule: "A5",
    title: "A token that is not signed by HS256 with the secret is 401, and `kid` is only a hint",
    needs: ["secret"],
    run: async (server) => {
      for (const alg of ["none", "HS384", "HS512"] as const) {
        (await inboxWith(server, { alg })).isProblem(401, "not-authorized");
      }
      (await inboxWith(server, { secret: "another secret of more than 32 bytes" })).isProblem(
        401,
        "not-authorized",
      );
      (await inboxWith(server, { header: { kid: "unknown" } })).is(200, "with an unknown kid");
    },
  },
  {
    rule: "A7",
    title: "`exp`, `nbf` and `iat` are checked with a tolerance of 5 seconds, and `exp` may be missing",
    needs: ["secret"],
    run: async (server) => {
      for (const claims of [{ exp: NOW() - 10 }, { nbf: NOW() + 30 }, { iat: NOW() + 30 }]) {
        (await inboxWith(server, { claims })).isProblem(401, "not-authorized");
      }
      for (const claims of [{ exp: NOW() - 2 }, { nbf: NOW() + 3 }, { iat: NOW() + 3 }, { exp: undefined }]) {
        (await inboxWith(server, { claims })).is(200, `with ${JSON.stringify(claims)}`);
      }
    },
  },
  {
    rule: "A8",
    title: "A missing or invalid token is 401, with WWW-Authenticate: Bearer",
    needs: ["keys"],
    run: async (server) => {
      for (const headers of [{}, { authorization: "Bearer no.token.here" }]) {
        const answer = await server.request("/v1/inbox", { headers: { ...headers } });
        answer.isProblem(401, "not-authorized");
        match(answer.header("www-authenticate"), { is: /^Bearer/, in: "WWW-Authenticate" });
      }
    },
  },
  {
    rule: "A9",
    title: "A token in the query lives for at most 300 seconds",
    needs: ["secret"],
    run: async (server) => {
      const status = async (claims: Claims) => {
        const token = await server.token(server.name(), claims);
        return (await server.request(`/v1/inbox?access_token=${token}`)).status;
      };
      equal(await status({ exp: NOW() + 250 }), { is: 200, in: "the status with 250 seconds" });
      equal(await status({ exp: NOW() + 400 }), { is: 401, in: "the status with 400 seconds" });
      equal(await status({ exp: undefined }), { is: 401, in: "the status without `exp`" });
      equal(await status({ iat: undefined, exp: NOW() + 400 }), { is: 401, in: "the status without `iat`" });
    },
  },
  {
    rule: "A10",
    title: "`?target=` beside a token names its target, or the answer is 400",
    needs: ["keys"],
    run: async (server) => {
      const target = server.name();
      const headers = { authorization: `Bearer ${await server.token(target)}` };
      (await server.request(`/v1/inbox?target=${target}`, { headers })).is(200);
      (await server.request("/v1/inbox?target=another", { headers })).isProblem(400, "bad-request");
    },
  },
  {
    rule: "A22",
    title: "Outside of development mode, `?target=` is no credential",
    needs: ["keys"],
    run: async (server) => {
      (await server.request(`/v1/inbox?target=${server.name()}`)).isProblem(401, "not-authorized");
    },
  },
  {
    rule: "A22",
    title: "In development mode, `?target=` identifies a client, but no invalid token may be beside it",
    needs: ["development"],
    run: async (server) => {
      const path = `/v1/inbox?target=${server.name()}`;
      (await server.request(path)).is(200);
      const headers = { authorization: "Bearer no.token.here" };
      (await server.request(path, { headers })).isProblem(401, "not-authorized");
    },
  },
];
