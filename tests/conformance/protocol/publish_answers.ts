/** Rules N15 to N27: answers, ids and idempotency. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";
import { keptFor } from "./publishing.ts";

export const PUBLISH_ANSWERS: readonly Case[] = [
  {
    rule: "N15",
    title: "When the answer is 202, the notifications are kept",
    run: async (server) => {
      const target = server.name();
      for (let n = 0; n < 20; n++) {
        await server.accept({ target, data: n });
        equal((await keptFor(server, target)).at(-1), {
          is: n,
          in: "the last that is kept, right after its 202",
        });
      }
    },
  },
  {
    rule: "N16",
    title: "One notification is answered with id, position and expires",
    isExclusive: true,
    run: async (server) => {
      for (const to of [{ target: server.name() }, { everyone: true, ttl: 0 }]) {
        const answer = await server.accept({ ...to, data: 1 });
        equal(Object.keys(answer).toSorted(), {
          is: ["expires", "id", "position"],
          in: "the members of the answer",
        });
      }
    },
  },
  {
    rule: "N17",
    title: "An array and `targets` are answered one by one, with null for everyone",
    isExclusive: true,
    run: async (server) => {
      const [a, b] = [server.name(), server.name()];
      const { notifications } = await server.accept([
        { targets: [a, b], data: 1, id: server.name() },
        { everyone: true, data: 1, ttl: 0 },
      ]);
      equal(notifications.map(({ target }) => target), { is: [a, b, null], in: "the targets" });
      equal(notifications[0]?.id, { is: notifications[1]?.id, in: "the id for the second target" });
      equal(Object.keys(notifications[0] ?? {}).toSorted(), {
        is: ["expires", "id", "position", "target"],
        in: "the members",
      });
    },
  },
  {
    rule: "N20",
    title: "`id` has 1 to 128 UTF-16 units of printable text",
    run: async (server) => {
      const target = server.name();
      const id = server.name().padEnd(128, "ü");
      equal((await server.accept({ target, data: 1, id })).id, { is: id, in: "the id of the answer" });
      for (const bad of ["", "x".repeat(129), "a\u0007", "\udc00", ".", ".."]) {
        (await server.notify({ target, data: 1, id: bad })).isProblem(422, "does-not-fit");
      }
    },
  },
  {
    rule: "N21",
    title: "The same content under the same id is answered as before, and delivered once",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const body = { target, data: "once", id: server.name() };
      const first = await server.accept(body);
      equal(await server.accept(body), { is: first, in: "the second answer" });
      await server.accept({ target, data: "end" });
      equal(await tab.data(2), { is: ["once", "end"], in: "what is delivered" });
    },
  },
  {
    rule: "N22",
    title: "Content is compared by the text of `data`, without line breaks, and not by the order of fields",
    run: async (server) => {
      const target = server.name(), id = server.name();
      const text = (data: string, more = "") => `{"target":"${target}","id":"${id}","data":${data}${more}}`;
      await server.accept(text("[1, 2]", ',"ttl":60,"topic":"t"'));
      await server.accept(`{"topic":"t","data":[1,\n 2],"ttl":60,"id":"${id}","target":"${target}"}`);
      for (
        const other of [
          text("[1, 3]", ',"ttl":60,"topic":"t"'),
          text("[1,2]", ',"ttl":61,"topic":"t"'),
          text("[1,2]"),
        ]
      ) {
        (await server.notify(other)).isProblem(422, "id-conflict");
      }
    },
  },
  {
    rule: "N23",
    title: "Other content under a used id is refused by name, and the others are kept",
    run: async (server) => {
      const target = server.name(), id = server.name();
      await server.accept({ target, data: "first", id });
      const both = [{ target, data: "other", id }, { target, data: "second" }];
      const { errors } = (await server.notify(both)).isProblem(422, "id-conflict");
      expect(
        errors.some(({ path, message }) => path.startsWith("0") || message.includes(id)),
        "no error names the id",
      );
      equal(await keptFor(server, target), { is: ["first", "second"], in: "what is kept" });
    },
  },
  {
    rule: "N24",
    title: "Idempotency-Key stands in for the id, and for KEY.0, KEY.1 and so on",
    run: async (server) => {
      const target = server.name(), key = server.name();
      const one = { target, data: 1 };
      for (const header of [`"${key}"`, key]) {
        equal((await server.accept(one, { "idempotency-key": header })).id, {
          is: key,
          in: `the id for ${header}`,
        });
      }
      const { notifications } = await server.accept([one, one], { "idempotency-key": key });
      equal(notifications.map(({ id }) => id), { is: [`${key}.0`, `${key}.1`], in: "the ids of an array" });
    },
  },
  {
    rule: "N25",
    title: "Idempotency-Key is one string that is not empty, and not with an id",
    run: async (server) => {
      const body = { target: server.name(), data: 1 };
      for (const key of ['""', '"a', '"a", "b"', '"\u00fc"']) {
        (await server.notify(body, { "idempotency-key": key })).isProblem(400, "bad-request");
      }
      (await server.notify({ ...body, id: "x" }, { "idempotency-key": "k" })).isProblem(400, "bad-request");
      (await server.notify(body, { "idempotency-key": "k".repeat(129) })).isProblem(422, "does-not-fit");
    },
  },
  {
    rule: "N26",
    title: "Without an id, the server generates one",
    run: async (server) => {
      const body = { target: server.name(), data: 1 };
      const ids = [(await server.accept(body)).id, (await server.accept(body)).id];
      match(ids[0], { is: /^.{8,128}$/, in: "the id" });
      expect(ids[0] !== ids[1], "two notifications have the same id");
    },
  },
];
