/** Rules R: delivery reports, and `Prefer: wait`. */

import type { Case } from "../case.ts";
import type { Body } from "../client/body.ts";
import { equal, expect } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";
import { fallBehind } from "./server_frames.ts";

/** The report of a notification as soon as the condition holds for it. */
async function reportWhen(
  server: TestedServer,
  { id, isTrue }: { id: string; isTrue: (report: Body) => boolean },
): Promise<Body> {
  const read = async () => (await server.publisher(`/v1/notifications/${id}`)).is(200).body;
  let report = await read();
  await server.until(async () => isTrue(report = await read()));
  return report;
}

export const REPORTS: readonly Case[] = [
  {
    rule: "R1",
    title: "A report counts the connections that were sent the notification, and those that acked",
    run: async (server) => {
      const target = server.name(), id = server.name();
      const tabs = [await server.tab(target), await server.tab(target), await server.tab(target)];
      await server.accept({ target, data: 1, id });
      for (const tab of tabs) await tab.nextOf("notification");
      const before = await reportWhen(server, { id, isTrue: ({ sent }) => sent === 3 });
      equal([before.acked, before.first_ack_ms, before.push], {
        is: [0, null, null],
        in: "the report before an ack",
      });
      await tabs[0]?.send({ type: "ack", ids: [id] });
      const { first_ack_ms, sent } = await reportWhen(server, { id, isTrue: ({ acked }) => acked === 1 });
      equal(sent, { is: 3, in: "`sent`" });
      expect(typeof first_ack_ms === "number" && first_ack_ms >= 0, "`first_ack_ms` is no number");
    },
  },
  {
    rule: "R2",
    title: "An ack counts once for each connection, and only from one that was sent the notification",
    run: async (server) => {
      const target = server.name(), id = server.name(), end = server.name();
      const tab = await server.tab(target);
      await server.accept({ target, data: 1, id });
      await tab.nextOf("notification");
      const late = await server.tab(target), other = await server.tab(server.name());
      for (const one of [late, other, tab, tab]) {
        await one.send([{ type: "ack", ids: [id, id] }, { type: "ping" }]);
      }
      for (const one of [late, other, tab, tab]) await one.nextOf("pong");
      await server.accept({ target, data: "end", id: end });
      const { acked, sent } = await reportWhen(server, { id, isTrue: (report) => report.acked > 0 });
      equal([sent, acked], { is: [1, 1], in: "`sent` and `acked`" });
    },
  },
  {
    rule: "R4",
    title: "Without a report, the answer is 404",
    run: async (server) => {
      (await server.publisher(`/v1/notifications/${server.name()}`)).isProblem(404, "not-found");
    },
  },
  {
    rule: "R7",
    title: "With Prefer: wait, the answer is 200 with the report, and an unreadable preference is ignored",
    run: async (server) => {
      const target = server.name(), id = server.name(), tab = await server.tab(target);
      const acking = server.meanwhile(
        tab.nextOf("notification").then(() => tab.send({ type: "ack", ids: [id] })),
      );
      const answer = (await server.notify({ target, data: 1, id }, { prefer: "respond-async, wait=10" })).is(
        200,
      );
      await acking;
      equal(answer.header("preference-applied"), { is: "wait=10", in: "Preference-Applied" });
      equal([answer.body.id, answer.body.sent, answer.body.acked], { is: [id, 1, 1], in: "the report" });
      for (const prefer of ["wait=x", "wait=1.5", "return=minimal"]) {
        (await server.notify({ target: server.name(), data: 1 }, { prefer })).is(202, `with ${prefer}`);
      }
    },
  },
  {
    rule: "R8",
    title: "For an array, the reports are in its order",
    run: async (server) => {
      const ids = [server.name(), server.name()];
      const body = ids.map((id) => ({ target: server.name(), data: 1, id }));
      const { reports } = (await server.notify(body, { prefer: "wait=5" })).is(200).body;
      equal(reports.map(({ id }) => id), { is: ids, in: "the ids" });
    },
  },
  {
    rule: "R9",
    title: "The waiting ends when all connections have acked or gone, and at once if there is none",
    run: async (server) => {
      const target = server.name(), id = server.name();
      const none = (await server.notify({ target, data: 0 }, { prefer: "wait=60" })).is(200);
      equal(none.body.sent, { is: 0, in: "`sent` without connections" });
      const acking = await server.tab(target), leaving = await server.tab(target);
      const waiting = server.meanwhile(server.notify({ target, data: 1, id }, { prefer: "wait=60" }));
      await acking.nextOf("notification");
      await acking.send({ type: "ack", ids: [id] });
      await leaving.nextOf("notification");
      await leaving.socket.send(8);
      equal((await waiting).is(200).body.acked, { is: 1, in: "`acked`" });
    },
  },
  {
    rule: "R10",
    title: "The waiting ends when the time is over",
    run: async (server) => {
      const target = server.name(), start = Date.now();
      await server.tab(target);
      const { sent, acked } = (await server.notify({ target, data: 1 }, { prefer: "wait=1" })).is(200).body;
      equal([sent, acked], { is: [1, 0], in: "`sent` and `acked`" });
      expect(Date.now() - start >= 900, "the answer came before the time was over");
    },
  },
  {
    rule: "R11",
    title: "The server waits for a connection that is behind, until it has caught up and acked",
    run: async (server) => {
      const target = server.name(), id = server.name(), tab = await server.tab(target);
      await fallBehind(server, target);
      const waiting = server.meanwhile(server.notify({ target, data: "last", id }, { prefer: "wait=60" }));
      await tab.find((message) => message.id === id);
      await tab.send({ type: "ack", ids: [id] });
      const { sent, acked } = (await waiting).is(200).body;
      equal([sent, acked], { is: [1, 1], in: "`sent` and `acked`" });
    },
  },
  {
    rule: "R12",
    title: "With Prefer: wait, the server accepts and refuses as without",
    run: async (server) => {
      const prefer = "wait=5", target = server.name(), tab = await server.tab(target);
      (await server.notify({ target }, { prefer })).isProblem(422, "does-not-fit");
      (await server.notify("{", { prefer })).isProblem(400, "not-json");
      const waiting = server.meanwhile(server.notify({ target, data: "sent" }, { prefer }));
      const { id } = await tab.nextOf("notification");
      await tab.send({ type: "ack", ids: [id] });
      (await waiting).is(200);
    },
  },
  {
    rule: "R14",
    title: "If a notification of the request is scheduled, the answer is 202",
    run: async (server) => {
      const at = new Date(Date.now() + 3_600_000).toISOString();
      const body = [{ target: server.name(), data: 1 }, { target: server.name(), data: 1, at }];
      (await server.notify(body, { prefer: "wait=5" })).is(202);
    },
  },
  {
    rule: "R15",
    title: "`read` counts each target once, however often it marks",
    run: async (server) => {
      const [a, b] = [server.name(), server.name()], id = server.name();
      const { notifications } = await server.accept({ targets: [a, b], data: 1, id });
      for (const { target, position } of [...notifications, ...notifications]) {
        const tab = await server.tab(target ?? "");
        await tab.send({ type: "read", positions: [position], ref: "1" });
        await tab.find(({ type }) => type === "marked");
        await tab.send({ type: "unread", positions: [position], ref: "2" });
        await tab.find(({ ref }) => ref === "2");
      }
      const report = await reportWhen(server, { id, isTrue: ({ read }) => read === 2 });
      expect(
        typeof (report as Body & { first_read_ms: unknown }).first_read_ms === "number",
        "`first_read_ms` is no number",
      );
    },
  },
];
