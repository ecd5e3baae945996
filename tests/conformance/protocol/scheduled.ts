/** Rules L: notifications that are sent later. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";
import { keptFor } from "./publishing.ts";

/** A time so many seconds from now. */
function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

export const SCHEDULED: readonly Case[] = [
  {
    rule: "L1",
    title: "`at` has a zone and is at most 30 days ahead, and a time that has passed is due at once",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const bad = ["2030-01-01T00:00:00", "tomorrow", inSeconds(31 * 86_400), 1_900_000_000];
      for (const at of bad) {
        const { errors } = (await server.notify({ target, data: 1, at })).isProblem(422, "does-not-fit");
        expect(errors.some(({ path }) => path === "at"), "no error names `at`");
      }
      await server.accept({ target, data: "past", at: "2020-01-01T01:00:00+01:00" });
      equal(await tab.data(1), { is: ["past"], in: "what is due at once" });
    },
  },
  {
    rule: "L2",
    title: "The answer has the position null, and `expires` counts from `at`",
    run: async (server) => {
      const [a, b] = [server.name(), server.name()], at = inSeconds(3_600);
      const one = await server.accept({ target: a, data: 1, at, ttl: 60 });
      equal(one.position, { is: null, in: "`position`" });
      equal(Date.parse(one.expires) - Date.parse(at), { is: 60_000, in: "`expires` less `at`" });
      const key = server.name();
      const many = await server.accept([{ targets: [a, b], data: 1, at }], { "idempotency-key": key });
      equal(many.notifications.map(({ id, position }) => [id, position]), {
        is: [[`${key}.0`, null], [`${key}.0`, null]],
        in: "the answers to `targets`",
      });
    },
  },
  {
    rule: "L3",
    title: "Nobody sees a notification before it is due, and then it is like any other",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), at = inSeconds(1.5), id = server.name();
      await server.accept({ target, data: "later", at, id, topic: "t" });
      equal(await keptFor(server, target), { is: [], in: "what is kept before" });
      await server.accept({ target, data: "now" });
      equal(await tab.data(1), { is: ["now"], in: "what comes first" });
      const later = await tab.nextOf("notification");
      equal([later.id, later.data, later.topic], { is: [id, "later", "t"], in: "what comes then" });
      expect(Date.parse(later.at) >= Date.parse(at) - 1, "it was sent before it was due");
      equal(await keptFor(server, target), { is: ["now", "later"], in: "what is kept then" });
    },
  },
  {
    rule: "L4",
    title: "What is due is sent in the order of the times",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const at = [1.2, 0.6, 0.9].map(inSeconds);
      await server.accept(at.map((time, data) => ({ target, data, at: time })));
      equal(await tab.data(3), { is: [1, 2, 0], in: "the order" });
    },
  },
  {
    rule: "L7",
    title:
      "The same content under the id of a scheduled notification is answered as before, and other is refused",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const body = { target, data: "once", id: server.name(), at: inSeconds(1) };
      const first = await server.accept(body);
      equal(await server.accept(body), { is: first, in: "the answer before it is due" });
      (await server.notify({ ...body, data: "other" })).isProblem(422, "id-conflict");
      equal(await tab.data(1), { is: ["once"], in: "what is sent" });
      equal((await server.accept(body)).id, { is: body.id, in: "the id of the answer after it was due" });
      (await server.notify({ ...body, data: "other" })).isProblem(422, "id-conflict");
      await server.accept({ target, data: "end" });
      equal(await tab.data(1), { is: ["end"], in: "what follows" });
    },
  },
  {
    rule: "L8",
    title: "If the id means something else when it is due, it is sent under a fresh one",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), id = server.name();
      await server.accept({ target, data: "later", id, at: inSeconds(1) });
      await server.accept({ target, data: "now", id });
      const [now, later] = [await tab.nextOf("notification"), await tab.nextOf("notification")];
      equal([now.data, now.id, later.data], { is: ["now", id, "later"], in: "what is sent" });
      expect(later.id !== id, "both have the same id");
    },
  },
  {
    rule: "L9",
    title: "The report of a scheduled notification has `scheduled_at`",
    run: async (server) => {
      const id = server.name(), at = inSeconds(3_600);
      await server.accept({ target: server.name(), data: 1, id, at });
      const report = (await server.publisher(`/v1/notifications/${id}`)).is(200).body;
      equal(Date.parse(report.scheduled_at), { is: Date.parse(at), in: "`scheduled_at`" });
      expect(Math.abs(Date.parse(report.accepted_at) - Date.now()) < 60_000, "`accepted_at` is not now");
    },
  },
  {
    rule: "L10",
    title: "A cancel in time answers 204 and frees the id; later it is 409, and of nothing 404",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), id = server.name();
      const cancel = async () => await server.publisher(`/v1/notifications/${id}`, { method: "DELETE" });
      (await cancel()).isProblem(404, "not-found");
      await server.accept({ target, data: "cancelled", id, at: inSeconds(2) });
      (await cancel()).is(204);
      (await cancel()).isProblem(404, "not-found");
      await server.accept({ target, data: "sent", id, at: inSeconds(0.5) });
      equal(await tab.data(1), { is: ["sent"], in: "what is sent" });
      (await cancel()).isProblem(409, "already-sent");
      match((await server.accept({ target, data: "end" })).position, {
        is: /./,
        in: "the position of another one",
      });
    },
  },
];
