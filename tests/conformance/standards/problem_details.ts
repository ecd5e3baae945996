/** RFC 9457: problem details for HTTP APIs, on every kind of refusal that can be had from outside. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import { equal, expect, match } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";

const MEMBERS = ["detail", "status", "title", "type"];
const OPTIONAL = ["errors", "instance"];

/** Refusals of many kinds, from many routes. */
async function refusals(server: TestedServer): Promise<Answer[]> {
  const target = server.name(), foreign = { headers: { origin: "https://foreign.example" } };
  return await Promise.all([
    server.request("/nothing"),
    server.request("/v1/nothing", { headers: { accept: "text/html" } }),
    server.request("/v1/notify", { method: "PUT", body: "{}" }),
    server.notify("{"),
    server.notify({}),
    server.notify({ target, data: "x".repeat(70_000) }),
    server.notify({ target, data: 1 }, { "content-encoding": "br" }),
    server.client(target, "/v1/connect"),
    server.client(target, "/v1/events?after=no"),
    server.client(target, "/v1/inbox", foreign),
    server.client(target, "/v1/inbox", { headers: { authorization: "Bearer wrong" } }),
    server.publisher(`/v1/notifications/${target}`),
    server.publisher("/v1/targets/%ff"),
  ]);
}

export const PROBLEM_DETAILS: readonly Case[] = [
  {
    rule: "RFC9457-3",
    title: "A refusal is application/problem+json in UTF-8, whatever the client accepts",
    run: async (server) => {
      for (const answer of await refusals(server)) {
        match(answer.header("content-type"), {
          is: /^application\/problem\+json(; ?charset=utf-8)?$/i,
          in: "Content-Type",
        });
        new TextDecoder("utf-8", { fatal: true }).decode(answer.bytes);
        expect(typeof answer.body === "object" && !Array.isArray(answer.body), "the problem is no object");
      }
    },
  },
  {
    rule: "RFC9457-3.1.1",
    title: "`type` is an absolute URI, and the same for the same kind of problem",
    run: async (server) => {
      const types = (await refusals(server)).map(({ body }) => body.type);
      for (const type of types) expect(URL.canParse(type), `${type} is no absolute URI`);
      equal(types[0], { is: types[1], in: "the type of the same problem" });
      expect(new Set(types).size > 6, "different problems have the same type");
    },
  },
  {
    rule: "RFC9457-3.1.2",
    title: "`status` is the status of the answer",
    run: async (server) => {
      for (const { body, status } of await refusals(server)) {
        equal(body.status, { is: status, in: "`status`" });
      }
    },
  },
  {
    rule: "RFC9457-3.1.3",
    title: "`title` is a text that does not change from one occurrence to another",
    run: async (server) => {
      const titles = new Map<string, string>();
      for (const { body } of [...await refusals(server), ...await refusals(server)]) {
        expect(typeof body.title === "string" && body.title !== "", "`title` is no text");
        equal(body.title, { is: titles.get(body.type) ?? body.title, in: `the title of ${body.type}` });
        titles.set(body.type, body.title);
      }
    },
  },
  {
    rule: "RFC9457-3.1.4",
    title: "`detail` is a text for people, and reveals no stack",
    run: async (server) => {
      for (const { body } of await refusals(server)) {
        expect(typeof body.detail === "string" && body.detail !== "", "`detail` is no text");
        expect(
          !/\bat .+:\d+:\d+|node_modules|\.ts\b/.test(body.detail),
          `\`detail\` has a stack: ${body.detail}`,
        );
      }
    },
  },
  {
    rule: "RFC9457-3.2",
    title: "There are no other members than those of the standard and `errors`",
    run: async (server) => {
      for (const { body, status } of await refusals(server)) {
        expect(status >= 400, `a refusal has the status ${status}`);
        equal(Object.keys(body).filter((name) => !OPTIONAL.includes(name)).toSorted(), {
          is: MEMBERS,
          in: "the members",
        });
        for (const { path, message } of body.errors ?? []) {
          expect(typeof path === "string" && typeof message === "string", "an error has no path and message");
        }
      }
    },
  },
];
