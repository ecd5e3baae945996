/** Rules S: what the server sends over a connection. */

import type { Case } from "../case.ts";
import { checkProblem } from "../client/answer.ts";
import { ascend, equal, expect, match } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import type { Tab } from "../client/tab.ts";
import type { TestedServer } from "../tested_server.ts";

/** Publishes large notifications until the connection, which reads nothing, is behind. Returns how many. */
export async function fallBehind(server: TestedServer, target: string): Promise<number> {
  const padding = "x".repeat(60_000);
  for (let count = 0; count < 600; count += 15) {
    await server.accept(Array.from({ length: 15 }, (_, n) => ({ target, data: { n: count + n, padding } })));
    const { connections } = (await server.publisher(`/v1/targets/${target}`)).is(200).body;
    if (connections.every((one) => (one as unknown as { behind: boolean }).behind)) return count + 15;
  }
  expect(false, "the connection never fell behind, although it read nothing of 36 MB");
  return 0;
}

/** Takes so many notifications of `fallBehind`. Fails if one is missing or comes twice. */
async function takeAll(tab: Tab, count: number): Promise<void> {
  const numbers: unknown[] = [];
  while (numbers.length < count) numbers.push(((await tab.nextOf("notification")).data as { n: number }).n);
  equal(numbers, { is: Array.from({ length: count }, (_, n) => n), in: "what a slow reader receives" });
}

export const SERVER_FRAMES: readonly Case[] = [
  {
    rule: "S1",
    title: "A frame is text with a JSON array, of at most 64 KiB unless one notification is larger",
    run: async (server) => {
      const target = server.name();
      const data = "x".repeat(9_000);
      await server.accept(Array.from({ length: 30 }, () => ({ target, data })));
      const socket = await server.unwelcomed(target, { query: { after: "earliest" } });
      for (let count = 0; count < 30;) {
        const text = await socket.text();
        expect(new TextEncoder().encode(text).length <= 65_536, `a frame has ${text.length} characters`);
        const messages: unknown = JSON.parse(text);
        expect(Array.isArray(messages) && messages.length > 0, "a frame is no array of messages");
        count += messages.filter(({ type }) => type === "notification").length;
      }
    },
  },
  {
    rule: "S2",
    title: "The first frame is the welcome, alone, with an id of the connection and where the stream starts",
    run: async (server) => {
      const target = server.name();
      const first = (await server.tab(target)).welcome, second = (await server.tab(target)).welcome;
      equal(Object.keys(first).toSorted(), {
        is: ["connection", "position", "recovered", "target", "type"],
        in: "the members",
      });
      equal(first.target, { is: target, in: "`target`" });
      expect(first.connection !== second.connection, "two connections have the same id");
    },
  },
  {
    rule: "S4",
    title: "A notification has id, position, at and data, and topic and urgency if they were set",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), id = server.name();
      const { position } = await server.accept({ target, id, data: { a: 1 }, topic: "t", urgency: "low" });
      await server.accept({ target, data: null });
      const { at, ...rest } = await tab.nextOf("notification");
      equal(rest, {
        is: { type: "notification", id, position, data: { a: 1 }, topic: "t", urgency: "low" },
        in: "the notification",
      });
      match(at, { is: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, in: "`at`" });
      equal(Object.keys(await tab.nextOf("notification")).toSorted(), {
        is: ["at", "data", "id", "position", "type"],
        in: "the members without topic and urgency",
      });
    },
  },
  {
    rule: "S5",
    title: "Notifications come in the order of their positions, each once, from many publishers at once",
    run: async (server) => {
      const target = server.name(), tabs = [await server.tab(target), await server.tab(target)];
      const all = Array.from({ length: 200 }, (_, n) => n);
      await Promise.all(all.map((data) => server.accept({ targets: [target, `${target}-2`], data })));
      for (const tab of tabs) {
        const received = [];
        while (received.length < all.length) received.push(await tab.nextOf("notification"));
        ascend(received.map(({ position }) => position), "the positions");
        equal(received.map(({ data }) => Number(data)).toSorted((a, b) => a - b), {
          is: all,
          in: "what came",
        });
      }
    },
  },
  {
    rule: "S5",
    title: "A connection receives what is sent to everyone, and nothing of other targets",
    isExclusive: true,
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await server.accept([
        { target: `${target}x`, data: "another's" },
        { everyone: true, data: "everyone's", ttl: 0 },
        { target, data: "its own" },
      ]);
      equal(await tab.data(2), { is: ["everyone's", "its own"], in: "what it receives" });
    },
  },
  {
    rule: "S6",
    title: "A connection that reads slowly receives everything, in order",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await takeAll(tab, await fallBehind(server, target));
    },
  },
  {
    rule: "S7",
    title: "A connection that fell behind is sent `missed` for what is no longer kept, and then what is",
    needs: ["kept"],
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), { kept } = server.settings;
      await fallBehind(server, target);
      for (let left = (kept ?? 0) + 1; left > 0; left -= 500) {
        await server.accept(Array.from({ length: Math.min(left, 500) }, () => ({ target, data: "small" })));
      }
      await tab.find(({ type }) => type === "missed");
      await server.accept({ target, data: "end" });
      await tab.find(({ data }) => data === "end");
    },
  },
  {
    rule: "S8",
    title: "A refused frame is answered with a problem",
    run: async (server) => {
      const tab = await server.tab(server.name());
      await tab.socket.sendText("no JSON");
      checkProblem((await tab.nextOf("error")).problem, { status: 400, kind: "not-json" });
      await tab.send({ type: "read", positions: ["no"], ref: "r" });
      const { ref, problem } = await tab.nextOf("error");
      equal([ref, problem.status], { is: ["r", 422], in: "the answer to a mark" });
    },
  },
  {
    rule: "S9",
    title: "A ping is answered with a pong",
    run: async (server) => {
      const tab = await server.tab(server.name());
      await tab.send({ type: "ping" });
      equal(await tab.next(), { is: { type: "pong" }, in: "the answer" });
    },
  },
  {
    rule: "S10",
    title: "A mark has position, at, through, read and unread",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const { notifications } = await server.accept([1, 2].map((data) => ({ target, data })));
      await tab.send({ type: "read", positions: [notifications[1]?.position] });
      const mark = await tab.find(({ type }) => type === "read");
      equal(Object.keys(mark).toSorted(), {
        is: ["at", "position", "read", "through", "type", "unread"],
        in: "the members",
      });
      equal(mark.read, { is: [notifications[1]?.position], in: "`read`" });
    },
  },
  {
    rule: "S11",
    title: "A mark with a `ref` is answered with `marked`",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const { position } = await server.accept({ target, data: 1 });
      await tab.send({ type: "read", positions: [position], ref: "r" });
      equal(await tab.find(({ type }) => type === "marked"), {
        is: { type: "marked", ref: "r" },
        in: "the answer",
      });
      await tab.socket.send(OPCODE.close);
    },
  },
];
