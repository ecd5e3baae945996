/** Rules N1 to N14: what a notification is, and how it is kept. */

import type { Case } from "../case.ts";
import { ascend, equal, expect, present } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";

/** The data of what is kept for a target, the oldest first. */
export async function keptFor(server: TestedServer, target: string): Promise<unknown[]> {
  const { body } = (await server.publisher(`/v1/targets/${target}/notifications`)).is(200);
  return body.notifications.map(({ data }) => data);
}

/** Posts each body, and fails unless it is refused as not fitting. */
async function refuseAll(server: TestedServer, bodies: readonly unknown[]): Promise<void> {
  for (const body of bodies) (await server.notify(body)).isProblem(422, "does-not-fit");
}

export const PUBLISHING: readonly Case[] = [
  {
    rule: "N1",
    title: "A body is a notification, or an array of 1 to 1,000",
    run: async (server) => {
      const one = { target: server.name(), data: 1 };
      await server.accept(one);
      equal((await server.accept(Array(1_000).fill(one))).notifications.length, {
        is: 1_000,
        in: "the answers",
      });
      await refuseAll(server, [[], Array(1_001).fill(one), null, '"text"', 1]);
    },
  },
  {
    rule: "N2",
    title: "A notification has exactly one of `target`, `targets` and `everyone: true`",
    run: async (server) => {
      const data = 1, target = server.name();
      await refuseAll(server, [
        { data },
        { data, target, targets: [target] },
        { data, target, everyone: true },
        { data, everyone: false },
      ]);
    },
  },
  {
    rule: "N3",
    title: "A target is printable text of 1 to 256 UTF-16 units, and more than one or two full stops",
    run: async (server) => {
      for (const target of ["x".repeat(256), "😀".repeat(128), "...", "a b/ü?"]) {
        await server.accept({ target, data: 1, ttl: 0 });
      }
      const refused = ["", "x".repeat(257), "😀".repeat(129), ".", "..", "a\u0000", "a\u007f", "a\ud800"];
      await refuseAll(server, refused.map((target) => ({ target, data: 1 })));
    },
  },
  {
    rule: "N4",
    title: "`targets` has 1 to 1,000 targets, none of them twice",
    run: async (server) => {
      const targets = Array.from({ length: 1_001 }, (_, n) => `${server.name()}-${n}`);
      await server.accept({ targets: targets.slice(1), data: 1, ttl: 0 });
      await refuseAll(server, [[], targets, ["a", "a"]].map((some) => ({ targets: some, data: 1 })));
    },
  },
  {
    rule: "N5",
    title: "`data` is any JSON, also null, of at most 64 KiB of UTF-8",
    run: async (server) => {
      const target = server.name();
      for (const data of [null, false, 0, "", [], {}, "x".repeat(65_534)]) {
        await server.accept({ target, data });
      }
      (await server.notify({ target, data: "x".repeat(65_535) })).isProblem(413, "too-large");
      (await server.notify({ target, data: "ü".repeat(32_768) })).isProblem(413, "too-large");
      await refuseAll(server, [{ target }]);
    },
  },
  {
    rule: "N6",
    title: "The text of `data` is delivered as it was posted, without line breaks between its tokens",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const data = '{"n":12345678901234567890,  "e": 1.0E+2,"u":"\\u00e9\\/"}';
      await server.accept(`{"target":"${target}","data":${data.replace(",", ",\n")}}`);
      const frame = await tab.socket.text();
      expect(frame.includes(data.replace(",  ", ", ")) || frame.includes(data), `the frame is ${frame}`);
    },
  },
  {
    rule: "N7",
    title: "`ttl` is a number of seconds, and shortens the retention",
    run: async (server) => {
      const target = server.name();
      const at = Date.parse((await server.accept({ target, data: 1, ttl: 60 })).expires);
      expect(
        Math.abs(at - Date.now() - 60_000) < 30_000,
        `a ttl of 60 seconds ends at ${new Date(at).toISOString()}`,
      );
      const normal = Date.parse((await server.accept({ target, data: 1 })).expires);
      const long = Date.parse((await server.accept({ target, data: 1, ttl: 10 ** 9 })).expires);
      expect(Math.abs(long - normal) < 30_000, "a ttl beyond the retention lengthens it");
      await refuseAll(server, [-1, 1.5, "60", null].map((ttl) => ({ target, data: 1, ttl })));
    },
  },
  {
    rule: "N7",
    title: "A notification is gone when its `ttl` is over",
    run: async (server) => {
      const target = server.name();
      await server.accept([{ target, data: "short", ttl: 1 }, { target, data: "long" }]);
      equal(await keptFor(server, target), { is: ["short", "long"], in: "what is kept at first" });
      await server.until(async () => !(await keptFor(server, target)).includes("short"));
      equal(await keptFor(server, target), { is: ["long"], in: "what is kept later" });
    },
  },
  {
    rule: "N8",
    title: "With `ttl: 0`, live connections receive the notification, and it is not kept",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await server.accept({ target, data: "now", ttl: 0 });
      equal(await tab.data(1), { is: ["now"], in: "what a live connection receives" });
      equal(await keptFor(server, target), { is: [], in: "what is kept" });
    },
  },
  {
    rule: "N9",
    title: "Of a target and topic, only the newest notification is kept",
    run: async (server) => {
      const target = server.name();
      for (const data of [1, 2, 3]) await server.accept({ target, data, topic: "A-z_09" });
      await server.accept({ target, data: "other", topic: "other" });
      equal(await keptFor(server, target), { is: [3, "other"], in: "what is kept" });
      await refuseAll(server, ["", "x".repeat(33), "a.b", "ü"].map((topic) => ({ target, data: 1, topic })));
    },
  },
  {
    rule: "N10",
    title: "With `ttl: 0`, a topic is retracted",
    run: async (server) => {
      const target = server.name();
      await server.accept([{ target, data: 1, topic: "t" }, { target, data: 2 }]);
      await server.accept({ target, data: 3, topic: "t", ttl: 0 });
      equal(await keptFor(server, target), { is: [2], in: "what is kept" });
    },
  },
  {
    rule: "N11",
    title: "`urgency` is very-low, low, normal or high",
    run: async (server) => {
      const target = server.name();
      for (const urgency of ["very-low", "low", "normal", "high"]) {
        await server.accept({ target, data: 1, urgency });
      }
      await refuseAll(server, ["", "urgent", 1].map((urgency) => ({ target, data: 1, urgency })));
    },
  },
  {
    rule: "N12",
    title: "A body has at most 1 MiB, and 10,000 targets",
    run: async (server) => {
      const some = Array.from(
        { length: 16 },
        () => ({ target: server.name(), data: "x".repeat(65_000), ttl: 0 }),
      );
      const large = JSON.stringify(some);
      await server.accept(large.padEnd(1024 * 1024));
      (await server.notify(large.padEnd(1024 * 1024 + 1))).isProblem(413, "too-large");
      const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
      await refuseAll(server, [Array.from({ length: 11 }, () => ({ targets, data: 1 }))]);
    },
  },
  {
    rule: "N13",
    title: "If a part of a request is refused, nothing of it is kept",
    run: async (server) => {
      const target = server.name(), good = { target, data: "good" };
      await refuseAll(server, [[good, { target, data: 1, ttl: -1 }]]);
      (await server.notify([good, { target, data: "x".repeat(70_000) }])).isProblem(413, "too-large");
      (await server.notify(`[${JSON.stringify(good)},`)).isProblem(400, "not-json");
      equal(await keptFor(server, target), { is: [], in: "what is kept" });
    },
  },
  {
    rule: "N14",
    title: "Positions ascend in the order of requests, of an array, and of its targets",
    run: async (server) => {
      const [a, b] = [server.name(), server.name()];
      const positions: string[] = [];
      for (let n = 0; n < 3; n++) {
        const { notifications } = await server.accept([{ targets: [a, b], data: n }, { target: a, data: n }]);
        equal(notifications.map(({ target }) => target), { is: [a, b, a], in: "the targets of the answers" });
        positions.push(...notifications.map(({ position }) => present(position, "a position")));
      }
      ascend(positions, "the positions");
    },
  },
];
