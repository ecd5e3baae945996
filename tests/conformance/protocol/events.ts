/** Rules U1 to U9: CloudEvents. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import { equal, expect, match } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";
import { keptFor } from "./publishing.ts";

const SOURCE = "https://conformance.example/test";

function event(server: TestedServer, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    specversion: "1.0",
    id: server.name("e"),
    source: "/s",
    type: "t",
    subject: server.name(),
    data: 1,
    ...more,
  };
}

async function structured(server: TestedServer, body: unknown): Promise<Answer> {
  return await server.notify(body, { "content-type": "application/cloudevents+json" });
}

async function batched(server: TestedServer, body: unknown): Promise<Answer> {
  return await server.notify(body, { "content-type": "application/cloudevents-batch+json" });
}

async function binary(
  server: TestedServer,
  { headers = {}, body = "1" }: { headers?: Record<string, string>; body?: string },
): Promise<Answer> {
  const attributes = {
    "ce-specversion": "1.0",
    "ce-id": server.name("e"),
    "ce-source": "/s",
    "ce-type": "t",
  };
  return await server.notify(body, { "content-type": "application/json", ...attributes, ...headers });
}

export const EVENTS: readonly Case[] = [
  {
    rule: "U1",
    title: "Events are accepted in structured, batched and binary mode",
    run: async (server) => {
      const subject = server.name();
      (await structured(server, event(server, { subject, data: 1 }))).is(202);
      (await batched(server, [event(server, { subject, data: 2 }), event(server, { subject, data: 3 })])).is(
        202,
      );
      (await batched(server, [])).is(202, "a batch without events");
      (await binary(server, { headers: { "ce-subject": subject }, body: "4" })).is(202);
      equal(await keptFor(server, subject), { is: [1, 2, 3, 4], in: "what is kept" });
    },
  },
  {
    rule: "U2",
    title: "Other formats and other data are refused",
    run: async (server) => {
      (await server.notify("<e/>", { "content-type": "application/cloudevents+xml" })).isProblem(
        415,
        "unsupported-type",
      );
      const text = { "ce-subject": server.name(), "content-type": "text/plain" };
      (await binary(server, { headers: text })).isProblem(415, "unsupported-type");
      (await structured(server, event(server, { datacontenttype: "text/plain" }))).isProblem(
        422,
        "does-not-fit",
      );
      (await structured(server, event(server, { data: undefined, data_base64: "MQ==" }))).isProblem(
        422,
        "does-not-fit",
      );
    },
  },
  {
    rule: "U3",
    title: "An event has specversion 1.0, id, source and type; `subject` is the target",
    run: async (server) => {
      for (const name of ["specversion", "id", "source", "type", "subject"]) {
        (await structured(server, event(server, { [name]: undefined }))).isProblem(422, "does-not-fit");
      }
      (await structured(server, event(server, { specversion: "0.3" }))).isProblem(422, "does-not-fit");
      (await structured(server, event(server, { everyone: true }))).isProblem(422, "does-not-fit");
    },
  },
  {
    rule: "U3",
    title: "An event for everyone has no `subject`",
    isExclusive: true,
    run: async (server) => {
      (await structured(server, event(server, { everyone: true, subject: undefined, ttl: 0 }))).is(202);
    },
  },
  {
    rule: "U4",
    title: "The id is source and id with a space between, or a hash of it if that is too long",
    run: async (server) => {
      const id = server.name("e");
      equal((await structured(server, event(server, { id, source: SOURCE }))).is(202).body.id, {
        is: `${SOURCE} ${id}`,
        in: "the id",
      });
      const long = `${id}${"x".repeat(128)}`;
      const bytes = new TextEncoder().encode(`${SOURCE} ${long}`);
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      equal((await structured(server, event(server, { id: long, source: SOURCE }))).is(202).body.id, {
        is: `sha256:${hash}`,
        in: "the id of a long one",
      });
      const keyed = { "content-type": "application/cloudevents+json", "idempotency-key": "k" };
      (await server.notify(event(server), keyed)).isProblem(400, "bad-request");
    },
  },
  {
    rule: "U5",
    title: "`data` is passed on unchanged, and missing data is null",
    run: async (server) => {
      const subject = server.name(), tab = await server.tab(subject);
      const text = '{"n":12345678901234567890}';
      await binary(server, { headers: { "ce-subject": subject }, body: text });
      expect((await tab.socket.text()).includes(`"data":${text}`), "the text of the data has changed");
      (await structured(server, event(server, { subject, data: undefined }))).is(202);
      equal(await tab.data(1), { is: [null], in: "the data of an event without" });
    },
  },
  {
    rule: "U6",
    title: "Extensions are the fields of a notification, and other attributes are ignored",
    run: async (server) => {
      const subject = server.name();
      const more = {
        subject,
        topic: "t",
        ttl: "60",
        urgency: "high",
        time: "2026-01-01T00:00:00Z",
        other: null,
        x: 1,
      };
      (await structured(server, event(server, { ...more, data: 1 }))).is(202);
      const { expires } = (await structured(server, event(server, { ...more, data: 2 }))).is(202).body;
      expect(Math.abs(Date.parse(expires) - Date.now() - 60_000) < 30_000, "`ttl` was ignored");
      equal(await keptFor(server, subject), { is: [2], in: "what is kept of the topic" });
    },
  },
  {
    rule: "U7",
    title: "In binary mode, a header is percent-decoded once, and other bytes are 400",
    run: async (server) => {
      const name = server.name();
      (await binary(server, { headers: { "ce-subject": `${name}%20%C3%BC%2541` } })).is(202);
      equal((await keptFor(server, encodeURIComponent(`${name} ü%41`))).length, {
        is: 1,
        in: "what is kept",
      });
      (await binary(server, { headers: { "ce-subject": "%C0%A0" } })).isProblem(400, "bad-request");
    },
  },
  {
    rule: "U8",
    title: "An event is answered as a notification, and a batch as an array",
    run: async (server) => {
      match((await structured(server, event(server))).is(202).body.position, { is: /./, in: "`position`" });
      const { notifications } = (await batched(server, [event(server), event(server)])).is(202).body;
      equal(notifications.length, { is: 2, in: "the answers" });
    },
  },
  {
    rule: "U9",
    title: "OPTIONS with WebHook-Request-Origin agrees to receive events",
    run: async (server) => {
      const headers = { "webhook-request-origin": "eventgrid.example" };
      const answer = (await server.request("/v1/notify", { method: "OPTIONS", headers })).is(200);
      match(answer.header("webhook-allowed-origin"), {
        is: /^(\*|eventgrid\.example)$/,
        in: "WebHook-Allowed-Origin",
      });
    },
  },
];
