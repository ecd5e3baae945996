/** Rules H: what operators, pages and tools read. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";

export const OPERATIONS: readonly Case[] = [
  {
    rule: "H1",
    title: "/healthz answers 200, and names the version",
    run: async (server) => {
      const body: { status?: string; version?: string } = JSON.parse(
        (await server.request("/healthz")).is(200).text,
      );
      equal(body.status, { is: "alive", in: "`status`" });
      match(body.version, { is: /^\d+\.\d+\.\d+/, in: "`version`" });
    },
  },
  {
    rule: "H2",
    title: "/readyz answers 200",
    run: async (server) => void (await server.request("/readyz")).is(200),
  },
  {
    rule: "H3",
    title: "/metrics requires a key, and is Prometheus's text",
    run: async (server) => {
      const answer = (await server.publisher("/metrics")).is(200);
      match(answer.text, { is: /^# (HELP|TYPE) /, in: "the metrics" });
      if (server.settings.key !== null) (await server.request("/metrics")).isProblem(401, "not-authorized");
    },
  },
  {
    rule: "H4",
    title:
      "The SDK is served as modules that pages of allowed origins can import, and the worker to every origin",
    run: async (server) => {
      const { origin } = server.settings;
      for (const path of ["/client.js", "/tab_election.js", "/inbox.js", "/bell.js", "/push.js"]) {
        const answer = (await server.request(path, { headers: { origin } })).is(200, path);
        match(answer.header("content-type"), { is: /javascript/, in: `Content-Type of ${path}` });
        equal(answer.header("access-control-allow-origin"), { is: origin, in: `who may import ${path}` });
      }
      (await server.request("/push_worker.js")).is(200);
    },
  },
  {
    rule: "H5",
    title:
      "/openapi.json has all routes, /asyncapi.json the messages, and pages of every origin may read both",
    run: async (server) => {
      const headers = { origin: "https://foreign.example" };
      const get = async (path: string) =>
        (await server.request(path, { headers: server.settings.key === null ? {} : headers })).is(200, path);
      const openapi = await get("/openapi.json"), asyncapi = await get("/asyncapi.json");
      const { openapi: version, paths } = JSON.parse(openapi.text) as { openapi: string; paths: object };
      match(version, { is: /^3\.1\./, in: "the version of OpenAPI" });
      for (const path of ["/v1/notify", "/v1/connect", "/v1/events", "/v1/inbox", "/v1/tokens", "/healthz"]) {
        expect(path in paths, `/openapi.json lacks ${path}`);
      }
      match((JSON.parse(asyncapi.text) as { asyncapi: string }).asyncapi, {
        is: /^3\./,
        in: "the version of AsyncAPI",
      });
      if (server.settings.key === null) return;
      for (const answer of [openapi, asyncapi]) {
        match(answer.header("access-control-allow-origin"), {
          is: /^(\*|https:\/\/foreign\.example)$/,
          in: "who may read it",
        });
      }
    },
  },
];
