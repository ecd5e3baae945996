/** Rules V: Server-Sent Events, and what is posted beside them. */

import type { Case } from "../case.ts";
import { equal, expect, match, present } from "../client/expect.ts";
import { keptFor } from "./publishing.ts";

export const EVENT_STREAMS: readonly Case[] = [
  {
    rule: "V1",
    title: "/v1/events has the authentication and the refusals of /v1/connect",
    run: async (server) => {
      const target = server.name();
      (await server.client(target, "/v1/events", { headers: { authorization: "Bearer wrong" } }))
        .isProblem(401, "not-authorized");
      (await server.client(target, "/v1/events?after=no")).isProblem(400, "bad-request");
      equal((await server.events(target)).welcome.target, { is: target, in: "the target of the welcome" });
    },
  },
  {
    rule: "V2",
    title: "The answer is text/event-stream and must not be stored, and HEAD opens no stream",
    run: async (server) => {
      const target = server.name(), { answer } = await server.events(target);
      match(answer.header("content-type"), { is: /^text\/event-stream\b/, in: "Content-Type" });
      match(answer.header("cache-control"), { is: /\bno-store\b/, in: "Cache-Control" });
      const another = server.name();
      (await server.client(another, "/v1/events", { method: "HEAD" })).is(200, "HEAD");
      equal((await server.publisher(`/v1/targets/${another}`)).body.connections, {
        is: [],
        in: "what HEAD connects",
      });
    },
  },
  {
    rule: "V3",
    title: "The stream carries the messages of a WebSocket, each event on one line, without other line ends",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), stream = await server.events(target);
      await server.accept(`{"target":"${target}","data":"a\u0085b\u2028c\u2029d"}`);
      const { data, lines } = await stream.messageEvent();
      equal(lines.filter((line) => line.startsWith("data:")).length, { is: 1, in: "the lines of data" });
      expect(!/[\u0085\u2028\u2029]/.test(data ?? ""), "the event has U+0085, U+2028 or U+2029");
      equal(JSON.parse(data ?? "")[0], { is: await tab.nextOf("notification"), in: "what comes over both" });
      match((await server.tab(target, { after: "earliest" })).welcome.position, {
        is: /./,
        in: "a position",
      });
    },
  },
  {
    rule: "V3",
    title: "Over a WebSocket, U+0085, U+2028 and U+2029 are as the publisher wrote them",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await server.accept(`{"target":"${target}","data":"a\u0085b\u2028c\u2029d"}`);
      match(await tab.socket.text(), { is: /"a\u0085b\u2028c\u2029d"/, in: "the frame" });
    },
  },
  {
    rule: "V4",
    title: "The id of an event is the position of its last notification, or of the welcome; others have none",
    run: async (server) => {
      const target = server.name(), stream = await server.stream(target);
      const welcome = await stream.messageEvent();
      equal(welcome.id, { is: JSON.parse(welcome.data ?? "")[0].position, in: "the id of the welcome" });
      const { position } = await server.accept({ target, data: 1 });
      equal((await stream.messageEvent()).id, { is: position, in: "the id of a notification" });
      const connection = JSON.parse(welcome.data ?? "")[0].connection;
      const body = { connection, messages: [{ type: "ping" }] };
      (await server.client(target, "/v1/received", { method: "POST", body })).is(204);
      const pong = await stream.messageEvent();
      equal([pong.data, pong.id], { is: ['[{"type":"pong"}]', null], in: "the data and the id of a pong" });
    },
  },
  {
    rule: "V5",
    title: "Last-Event-ID resumes, takes precedence over `after`, and must be a position",
    run: async (server) => {
      const target = server.name();
      const { notifications } = await server.accept([1, 2, 3].map((data) => ({ target, data })));
      const position = present(notifications[1]?.position, "a position");
      for (const query of [{}, { after: "earliest" }, { after: notifications[0]?.position ?? "" }]) {
        const stream = await server.stream(target, { query, headers: { "last-event-id": position } });
        equal((await stream.takeWelcome()).welcome.recovered, { is: true, in: "`recovered`" });
        equal(await stream.data(1), { is: [3], in: "what follows" });
      }
      const bad = { headers: { "last-event-id": "no" } };
      (await server.client(target, "/v1/events", bad)).isProblem(400, "bad-request");
      const both = { headers: { "last-event-id": position } };
      (await server.client(target, "/v1/events?after=no", both)).isProblem(400, "bad-request");
    },
  },
  {
    rule: "V6",
    title: "The stream begins with `retry`, a random time from 1,000 to 1,999 milliseconds",
    run: async (server) => {
      const times = new Set<number>();
      for (let n = 0; n < 8; n++) {
        const first = await (await server.stream(server.name())).event();
        match(first?.retry, { is: /^1\d{3}$/, in: "`retry`" });
        times.add(Number(first?.retry));
      }
      expect(times.size > 1, "eight streams have the same `retry`");
    },
  },
  {
    rule: "V7",
    title: "A comment is sent every 15 seconds",
    seconds: 16,
    run: async (server) => {
      const stream = await server.events(server.name()), start = Date.now();
      match((await stream.event())?.comment, { is: /^:/, in: "what comes first" });
      expect(Date.now() - start > 5_000, "it came at once");
    },
  },
  {
    rule: "V8",
    title: "The last event is `close`, with a code and a reason, and then the response ends",
    run: async (server) => {
      const target = server.name(), stream = await server.events(target);
      await server.accept({ target, data: "last" });
      await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
      equal(await stream.data(1), { is: ["last"], in: "what comes before" });
      const close = present(await stream.event(), "the event `close`");
      const { code, reason } = JSON.parse(close.data ?? "{}");
      equal([close.type, code, typeof reason], { is: ["close", 4003, "string"], in: "the last event" });
      equal(await stream.event(), { is: null, in: "what follows" });
    },
  },
  {
    rule: "V10",
    title: "/v1/received takes 1 to 250 messages for a connection in at most 64 KiB, and answers 204",
    run: async (server) => {
      const target = server.name(), { connection } = (await server.events(target)).welcome;
      const post = async (messages: unknown) =>
        await server.client(target, "/v1/received", { method: "POST", body: { connection, messages } });
      (await post([{ type: "message", data: "conformance" }, { type: "ack", ids: ["x"] }])).is(204);
      for (const bad of [[], Array(251).fill({ type: "ping" })]) {
        (await post(bad)).isProblem(422, "does-not-fit");
      }
      (await post([{ type: "message", data: "x".repeat(65_536) }])).isProblem(413, "too-large");
    },
  },
  {
    rule: "V11",
    title: "/v1/received is for connections of the caller's own target",
    run: async (server) => {
      const { connection } = (await server.events(server.name())).welcome;
      const body = { connection, messages: [{ type: "ping" }] };
      const answer = await server.client(server.name(), "/v1/received", { method: "POST", body });
      answer.isProblem(404, "not-found");
    },
  },
  {
    rule: "V12",
    title: "Over the rate limit, a post is 429, nothing of it is taken, and the connection stays open",
    run: async (server) => {
      const target = server.name(), stream = await server.events(target);
      const body = { connection: stream.welcome.connection, messages: [{ type: "ack", ids: ["x"] }] };
      const post = () => server.client(target, "/v1/received", { method: "POST", body });
      const answers = await Promise.all(Array.from({ length: 150 }, post));
      const refused = answers.filter(({ status }) => status !== 204);
      expect(
        refused.length > 0 && refused.length <= 100,
        `of 150 posts at once, ${refused.length} were refused`,
      );
      refused[0]?.isProblem(429, "too-many-requests");
      await server.accept({ target, data: "still open" });
      equal(await stream.data(1), { is: ["still open"], in: "what the stream receives" });
      equal(await keptFor(server, target), { is: ["still open"], in: "what is kept" });
    },
  },
];
