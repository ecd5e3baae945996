/** Rules I1 to I7: what was read. */

import type { Case } from "../case.ts";
import { checkProblem } from "../client/answer.ts";
import type { Body } from "../client/body.ts";
import { equal, expect, present } from "../client/expect.ts";
import type { Tab } from "../client/tab.ts";
import type { TestedServer } from "../tested_server.ts";

/** Publishes so many notifications, and returns their positions. */
export async function publish(
  server: TestedServer,
  { target, count }: { target: string; count: number },
): Promise<string[]> {
  const body = Array.from({ length: count }, (_, data) => ({ target, data }));
  return (await server.accept(body)).notifications.map(({ position }) => position);
}

/** Sends a mark, and resolves with the answer to it. */
export async function mark(tab: Tab, change: Readonly<Record<string, unknown>>): Promise<Body> {
  const ref = crypto.randomUUID();
  await tab.send({ ...change, ref });
  return await tab.find((message) => message.ref === ref);
}

export async function inbox(server: TestedServer, target: string): Promise<Body> {
  return (await server.client(target, "/v1/inbox?limit=200")).is(200).body;
}

export const MARKS: readonly Case[] = [
  {
    rule: "I1",
    title: "A mark has 1 to 1,000 positions, or `through`, and a `ref` of 1 to 64 UTF-16 units",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const [position = ""] = await publish(server, { target, count: 1 });
      const positions = [position];
      for (
        const good of [{ type: "read", positions }, { type: "read", through: position }, {
          type: "unread",
          positions,
        }]
      ) {
        equal((await mark(tab, good)).type, { is: "marked", in: `the answer to ${JSON.stringify(good)}` });
      }
      for (
        const bad of [
          { type: "read" },
          { type: "read", positions, through: position },
          { type: "read", positions: [] },
          { type: "read", positions: Array(1_001).fill(position) },
          { type: "unread", through: position },
          { type: "read", positions, ref: "" },
          { type: "read", positions, ref: "x".repeat(65) },
        ]
      ) {
        await tab.send(bad);
        const { problem } = await tab.find(({ type }) => type === "error");
        checkProblem(problem, { status: 422, kind: "does-not-fit" });
      }
    },
  },
  {
    rule: "I2",
    title: "Only the sender of a mark receives the answer, by its `ref`",
    run: async (server) => {
      const target = server.name(), sender = await server.tab(target), other = await server.tab(target);
      const [position] = await publish(server, { target, count: 1 });
      equal((await mark(sender, { type: "read", positions: [position] })).type, {
        is: "marked",
        in: "the answer",
      });
      await server.accept({ target, data: "end" });
      const seen = await other.before(({ data }) => data === "end");
      equal(seen.map(({ type }) => type), {
        is: ["notification", "read"],
        in: "what the other connection receives",
      });
    },
  },
  {
    rule: "I3",
    title: "All connections of the target receive the whole state, over either transport",
    run: async (server) => {
      const target = server.name();
      const all = [await server.tab(target), await server.tab(target), await server.events(target)];
      const [a, b, c, d] = await publish(server, { target, count: 4 });
      const sender = present(all[0], "a connection") as Tab;
      await mark(sender, { type: "read", through: b });
      await mark(sender, { type: "unread", positions: [a] });
      await mark(sender, { type: "read", positions: [d] });
      const check = await server.tab(target, { after: "earliest" });
      for (const one of [all[1], all[2], check]) {
        const state = await one?.find(({ type, read }) =>
          type === "read" && Array.isArray(read) && read.includes(d ?? "")
        );
        equal([state?.through, state?.read, state?.unread], { is: [b, [d], [a]], in: "the state" });
      }
      expect(c !== undefined, "there is no third position");
    },
  },
  {
    rule: "I4",
    title: "Marks of several connections at once are merged",
    run: async (server) => {
      const target = server.name(), positions = await publish(server, { target, count: 20 });
      const tabs = await Promise.all([0, 1, 2, 3].map(() => server.tab(target)));
      await Promise.all(positions.map(async (position, n) => {
        if (n % 2 === 0) await tabs[n % 4]?.send({ type: "read", positions: [position], ref: `${n}` });
      }));
      for (const [at, tab] of tabs.entries()) {
        for (let n = at; n < 20 && at % 2 === 0; n += 4) await tab.find(({ ref }) => ref === `${n}`);
      }
      const { notifications, unread } = await inbox(server, target);
      equal(unread, { is: 10, in: "`unread`" });
      equal(notifications.map(({ read }) => read), {
        is: notifications.map(({ data }) => Number(data) % 2 === 0),
        in: "`read`",
      });
    },
  },
  {
    rule: "I5",
    title:
      "Positions of other targets are ignored, and a mark that changes nothing is answered without a state",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const [own] = await publish(server, { target, count: 1 });
      const [foreign] = await publish(server, { target: server.name(), count: 1 });
      await mark(tab, { type: "read", positions: [own] });
      equal((await mark(tab, { type: "read", positions: [foreign, own] })).type, {
        is: "marked",
        in: "the answer",
      });
      await server.accept({ target, data: "end" });
      const states = (await tab.before(({ data }) => data === "end")).filter(({ type }) => type === "read");
      equal(states, { is: [], in: "the states after the first" });
      equal((await inbox(server, target)).unread, { is: 1, in: "`unread`" });
    },
  },
  {
    rule: "I6",
    title: "What comes after `through` stays unread",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const [, second] = await publish(server, { target, count: 3 });
      await mark(tab, { type: "read", through: second });
      equal((await inbox(server, target)).notifications.map(({ read }) => read), {
        is: [false, true, true],
        in: "`read`, the newest first",
      });
    },
  },
  {
    rule: "I7",
    title: "A change that needs more than 500 exceptions is 422, and nothing of it is merged",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const positions = await publish(server, { target, count: 600 });
      await mark(tab, { type: "read", through: positions.at(-1) });
      const tooMany = await mark(tab, { type: "unread", positions: positions.slice(0, 501) });
      checkProblem(tooMany.problem, { status: 422, kind: "too-many-exceptions" });
      equal((await inbox(server, target)).unread, { is: 0, in: "`unread` after the refusal" });
      await mark(tab, { type: "unread", positions: positions.slice(0, 500) });
      equal((await inbox(server, target)).unread, { is: 500, in: "`unread`" });
      const path = `/v1/targets/${target}/read`, body = { positions: positions.slice(0, 500) };
      (await server.publisher(path, { method: "POST", body })).is(200);
      const { through } = await inbox(server, target);
      equal(through, { is: positions.at(-1), in: "`through` when everything is read" });
    },
  },
];
