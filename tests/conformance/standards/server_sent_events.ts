/** The HTML standard, section 9.2: Server-Sent Events, as a parser of that section must be able to read them. */

import type { Case } from "../case.ts";
import { equal, expect, match, present } from "../client/expect.ts";
import type { StreamEvent } from "../client/event_stream.ts";
import type { TestedServer } from "../tested_server.ts";

/** The events of a stream: its beginning, a notification with difficult text, a close, and the end. */
async function allEvents(server: TestedServer): Promise<StreamEvent[]> {
  const target = server.name(), stream = await server.stream(target), events: StreamEvent[] = [];
  const next = async () => {
    const event = await stream.event();
    if (event !== null) events.push(event);
    return event;
  };
  while (present(await next(), "the welcome").data === null);
  await server.accept({ target, data: "line\nfeed\r\n: colon\ndata: x\n\nevent: close\u2028ü😀" });
  while (present(await next(), "the notification").data === null);
  await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
  while (await next() !== null);
  return events;
}

export const SERVER_SENT_EVENTS: readonly Case[] = [
  {
    rule: "SSE-9.2.3",
    title: "The answer is 200 with the type text/event-stream, and no other charset than UTF-8",
    run: async (server) => {
      const { answer } = await server.stream(server.name());
      match(answer.header("content-type"), {
        is: /^text\/event-stream(; ?charset=utf-8)?$/i,
        in: "Content-Type",
      });
      equal(answer.header("content-encoding"), { is: null, in: "Content-Encoding" });
    },
  },
  {
    rule: "SSE-9.2.5",
    title: "Each line is a comment, or a field of the standard, and the text is UTF-8",
    run: async (server) => {
      for (const { lines } of await allEvents(server)) {
        for (const line of lines) match(line, { is: /^(:|(data|event|id|retry):)/, in: "a line" });
      }
    },
  },
  {
    rule: "SSE-9.2.6",
    title: "No text of a publisher becomes a field, an event or a line end",
    run: async (server) => {
      const events = await allEvents(server);
      const [, message] = events.filter(({ data, type }) => data !== null && type === "message");
      equal(JSON.parse(message?.data ?? "null")?.[0]?.data, {
        is: "line\nfeed\r\n: colon\ndata: x\n\nevent: close\u2028ü😀",
        in: "the data",
      });
      equal(events.filter(({ type }) => type === "close").length, {
        is: 1,
        in: "the events of the type close",
      });
    },
  },
  {
    rule: "SSE-9.2.6",
    title: "`retry` has digits only, and `id` has no NULL",
    run: async (server) => {
      for (const { retry, id } of await allEvents(server)) {
        if (retry !== null) match(retry, { is: /^\d+$/, in: "`retry`" });
        if (id !== null) expect(!id.includes("\u0000") && id !== "", "an id is empty or has a NULL");
      }
    },
  },
  {
    rule: "SSE-9.2.6",
    title: "The stream ends after a complete event, because a reader drops an incomplete one",
    run: async (server) => {
      equal((await allEvents(server)).at(-1)?.type, { is: "close", in: "the last complete event" });
    },
  },
  {
    rule: "SSE-9.2.4",
    title: "A client that comes back with Last-Event-ID goes on after the event with that id",
    run: async (server) => {
      const target = server.name(), stream = await server.stream(target);
      const { id } = await stream.messageEvent();
      await server.accept([1, 2].map((data) => ({ target, data })));
      const back = await server.stream(target, {
        headers: { "last-event-id": present(id, "the id of the welcome") },
      });
      equal(await (await back.takeWelcome()).data(2), { is: [1, 2], in: "what follows" });
    },
  },
];
