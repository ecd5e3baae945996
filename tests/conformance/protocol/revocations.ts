/** Rules K5 to K9 and A29: tokens that are revoked. */

import type { Case } from "../case.ts";
import type { Body } from "../client/body.ts";
import { equal, expect } from "../client/expect.ts";
import { Tab } from "../client/tab.ts";
import type { TestedServer } from "../tested_server.ts";

async function revoke(server: TestedServer, body: unknown): Promise<Body> {
  const answer = await server.publisher("/v1/revocations", { method: "POST", body });
  return answer.is(200, "the answer to a revocation").body;
}

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** Opens a connection with this token. */
async function open(server: TestedServer, token: string): Promise<Tab> {
  return await Tab.welcomedOver(await server.socket("/v1/connect", bearer(token)));
}

/** A token that was issued some seconds ago. */
function tokenOf(
  server: TestedServer,
  target: string,
  { agoSeconds = 10, jti = server.name("jti") }: { agoSeconds?: number; jti?: string } = {},
): Promise<string> {
  return server.token(target, { iat: Math.floor(Date.now() / 1000) - agoSeconds, jti });
}

export const REVOCATIONS: readonly Case[] = [
  {
    rule: "A29",
    title: "A revoked token is 401 revoked on every route",
    needs: ["secret"],
    run: async (server) => {
      const jti = server.name("jti"), token = await tokenOf(server, server.name(), { jti });
      (await server.request("/v1/inbox", bearer(token))).is(200);
      await revoke(server, { jti });
      for (
        const [method, path] of [["GET", "connect"], ["GET", "events"], ["GET", "inbox"], [
          "POST",
          "received",
        ]]
      ) {
        const answer = await server.request(`/v1/${path}`, { ...bearer(token), method: method ?? "" });
        answer.isProblem(401, "revoked");
      }
    },
  },
  {
    rule: "K5",
    title: "A revocation is of one token, of a target until now, or of what a target got before a time",
    needs: ["keys"],
    run: async (server) => {
      const target = server.name(), jti = server.name("jti"), issued_before = "2026-01-01T00:00:00.000Z";
      const keysOf = async (body: unknown) => Object.keys(await revoke(server, body)).toSorted();
      equal(await keysOf({ jti }), { is: ["jti", "kept_until"], in: "the answer for a token" });
      const all = ["issued_before", "kept_until", "target"];
      equal(await keysOf({ target }), { is: all, in: "the answer for a target" });
      const before = await revoke(server, { target: server.name(), issued_before });
      equal(before.issued_before, { is: issued_before, in: "`issued_before`" });
    },
  },
  {
    rule: "K6",
    title: "Only earlier tokens of a target are revoked, and never one that the server makes afterwards",
    needs: ["secret"],
    run: async (server) => {
      const target = server.name(), old = await tokenOf(server, target, { agoSeconds: 60 });
      const young = await tokenOf(server, target);
      await revoke(server, { target, issued_before: new Date(Date.now() - 30_000).toISOString() });
      (await server.request("/v1/inbox", bearer(old))).isProblem(401, "revoked");
      (await server.request("/v1/inbox", bearer(young))).is(200);
      await revoke(server, { target });
      (await server.request("/v1/inbox", bearer(young))).isProblem(401, "revoked");
      const made = await server.publisher("/v1/tokens", { method: "POST", body: { target } });
      (await server.request("/v1/inbox", bearer(made.is(200).body.token))).is(200);
    },
  },
  {
    rule: "K7",
    title: "The connections of a revoked token are closed with 4001, and no others",
    needs: ["secret"],
    run: async (server) => {
      const target = server.name(), jti = server.name("jti");
      const revoked = await open(server, await tokenOf(server, target, { jti }));
      const other = await open(server, await tokenOf(server, target));
      await revoke(server, { jti });
      equal(await revoked.socket.closeCode(), { is: 4001, in: "the close code" });
      await other.send({ type: "ping" });
      await other.nextOf("pong");
    },
  },
  {
    rule: "K8",
    title: "A revocation is kept until `expires_at`, and two of the same target are one",
    needs: ["keys"],
    run: async (server) => {
      const target = server.name(), expires_at = new Date(Date.now() + 3_600_000).toISOString();
      const first = await revoke(server, { target, issued_before: "2026-01-02T00:00:00Z", expires_at });
      expect(Date.parse(first.kept_until) >= Date.parse(expires_at), "it is kept too short");
      const second = await revoke(server, { target, issued_before: "2026-01-01T00:00:00Z", expires_at });
      equal(second.issued_before, { is: first.issued_before, in: "`issued_before` of both" });
    },
  },
  {
    rule: "K9",
    title: "A revocation that names nothing, too much, or the future is 422, and a long one is 413",
    needs: ["keys"],
    run: async (server) => {
      const ask = async (body: unknown) =>
        await server.publisher("/v1/revocations", { method: "POST", body });
      const future = new Date(Date.now() + 3_600_000).toISOString();
      const wrong = [{}, { jti: "1", target: "a" }, { jti: "1", issued_before: "2026-01-01T00:00:00Z" }];
      for (const body of [...wrong, { target: "a", issued_before: future }, { jti: "j".repeat(257) }]) {
        (await ask(body)).isProblem(422, "does-not-fit");
      }
      (await ask(JSON.stringify({ jti: "a" }).padEnd(4_097))).isProblem(413, "too-large");
    },
  },
];
