/** Rules A of pages and of the order of refusals. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import { equal, expect, match } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";

const FOREIGN = "https://foreign.example";
const READABLE = ["/v1/connect", "/v1/events", "/v1/received", "/v1/inbox", "/v1/publish"];

/** Checks the refusals one after the other: each request has one fault less than the one before. */
async function refuseInOrder(
  ask: (query: string, headers: Record<string, string>) => Promise<Answer>,
  { server, last }: { server: TestedServer; last: number },
): Promise<void> {
  const target = server.name(), isOpen = server.settings.key === null;
  const bearer: Record<string, string> = isOpen
    ? {}
    : { authorization: `Bearer ${await server.token(target)}` };
  const wrong = { authorization: "Bearer wrong" };
  const invalid = `?target=${isOpen ? "." : "another"}&after=no`;
  (await ask(invalid, { ...wrong, origin: FOREIGN })).isProblem(403, "origin-not-allowed");
  (await ask(invalid, wrong)).isProblem(401, "not-authorized");
  (await ask(invalid, bearer)).isProblem(400, "bad-request");
  const { detail } = (await ask(`?target=${target}&after=no`, bearer)).isProblem(400, "bad-request");
  match(detail, { is: /after/, in: "the `detail` of an invalid `after`" });
  (await ask(`?target=${target}`, bearer)).is(last, "the status of a request without a fault");
}

export const PAGES_ACCESS: readonly Case[] = [
  {
    rule: "A12",
    title: "A page of an origin that is not allowed is 403, whatever its token",
    run: async (server) => {
      for (const path of ["/v1/connect", "/v1/events", "/v1/inbox"]) {
        const answer = await server.client(server.name(), path, { headers: { origin: FOREIGN } });
        answer.isProblem(403, "origin-not-allowed");
      }
      (await server.client(server.name(), "/v1/inbox", { headers: { origin: server.settings.origin } })).is(
        200,
      );
    },
  },
  {
    rule: "A13",
    title: "A cookie counts only from an allowed page, and never from the origin null",
    needs: ["keys"],
    run: async (server) => {
      const cookie = `tidings_token=${await server.token(server.name())}`;
      const ask = async (headers: Record<string, string>) =>
        await server.request("/v1/inbox", { headers: { cookie, ...headers } });
      (await ask({})).isProblem(403, "origin-not-allowed");
      (await ask({ origin: "null" })).isProblem(403, "origin-not-allowed");
      (await ask({ "sec-fetch-site": "cross-site" })).isProblem(403, "origin-not-allowed");
      (await ask({ origin: server.settings.origin })).is(200);
    },
  },
  {
    rule: "A14",
    title: "A token outside of a cookie needs no Origin",
    run: async (server) => {
      const target = server.name();
      equal((await server.client(target, "/v1/inbox")).is(200).body.target, { is: target, in: "`target`" });
    },
  },
  {
    rule: "A15",
    title: "Answers and refusals can be read by pages of allowed origins, and by no others",
    run: async (server) => {
      const { origin } = server.settings;
      for (const path of READABLE) {
        const method = path === "/v1/received" ? "POST" : "GET";
        const answer = await server.request(path, {
          method,
          headers: { origin, authorization: "Bearer wrong" },
        });
        equal(answer.header("access-control-allow-origin"), {
          is: origin,
          in: `Access-Control-Allow-Origin of ${path}`,
        });
        equal(answer.header("access-control-allow-credentials"), {
          is: "true",
          in: `Allow-Credentials of ${path}`,
        });
        match(answer.header("access-control-expose-headers"), {
          is: /retry-after/i,
          in: `Expose-Headers of ${path}`,
        });
        const foreign = await server.request(path, { method, headers: { origin: FOREIGN } });
        equal(foreign.header("access-control-allow-origin"), {
          is: null,
          in: `what a foreign page may read of ${path}`,
        });
      }
    },
  },
  {
    rule: "A16",
    title: "OPTIONS answers 204 and allows the headers that a page sends",
    run: async (server) => {
      const needed = { "/v1/connect": [], "/v1/events": ["last-event-id"], "/v1/received": ["content-type"] };
      for (const [path, more] of Object.entries(needed)) {
        const headers = {
          origin: server.settings.origin,
          "access-control-request-method": path === "/v1/received" ? "POST" : "GET",
          "access-control-request-headers": ["authorization", ...more].join(","),
        };
        const answer = (await server.request(path, { method: "OPTIONS", headers })).is(
          204,
          `OPTIONS ${path}`,
        );
        const allowed = answer.header("access-control-allow-headers")?.toLowerCase() ?? "";
        for (const name of ["authorization", ...more]) {
          expect(allowed.includes(name), `${path} does not allow ${name}`);
        }
      }
    },
  },
  {
    rule: "A17",
    title: "/v1/connect refuses in its order: 403, 401, 400, 426",
    run: async (server) => {
      await refuseInOrder(
        async (query, headers) => await server.request(`/v1/connect${query}`, { headers }),
        {
          server,
          last: 426,
        },
      );
    },
  },
  {
    rule: "A18",
    title: "/v1/events refuses in the same order",
    run: async (server) => {
      const ask = async (query: string, headers: Record<string, string>) =>
        await server.request(`/v1/events${query}`, {
          headers,
          method: query.includes("no") ? "GET" : "HEAD",
        });
      await refuseInOrder(ask, { server, last: 200 });
    },
  },
  {
    rule: "A19",
    title: "/v1/received refuses in its order: 403, 401, 400, 413, 400, 422, 404",
    run: async (server) => {
      const target = server.name();
      const post = async (body: unknown, headers: Record<string, string> = {}) =>
        await server.client(target, "/v1/received", { method: "POST", body, headers });
      const large = "x".repeat(70_000);
      (await post(large, { origin: FOREIGN })).isProblem(403, "origin-not-allowed");
      (await post(large, { authorization: "Bearer wrong" })).isProblem(401, "not-authorized");
      (await post(large)).isProblem(413, "too-large");
      (await post("no JSON")).isProblem(400, "not-json");
      (await post({})).isProblem(422, "does-not-fit");
      const connection = crypto.randomUUID();
      (await post({ connection, messages: [{ type: "ping" }] })).isProblem(404, "not-found");
    },
  },
  {
    rule: "A23",
    title: "/v1/inbox refuses in its order: 403, 401, 400 (target, `before`, `limit`)",
    run: async (server) => {
      const ask = async (path: string, headers: Record<string, string> = {}) =>
        await server.client(server.name(), path, { headers });
      const bad = "/v1/inbox?before=no&limit=no", wrong = { authorization: "Bearer wrong" };
      (await ask(bad, { ...wrong, origin: FOREIGN })).isProblem(403, "origin-not-allowed");
      (await ask(bad, wrong)).isProblem(401, "not-authorized");
      match((await ask(bad)).isProblem(400, "bad-request").detail, {
        is: /before/,
        in: "the first `detail`",
      });
      match((await ask("/v1/inbox?limit=no")).isProblem(400, "bad-request").detail, {
        is: /limit/,
        in: "`detail`",
      });
    },
  },
];
