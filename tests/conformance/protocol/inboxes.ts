/** Rules I12 to I14: inboxes. */

import type { Case } from "../case.ts";
import { equal, expect, match, present } from "../client/expect.ts";

export const INBOXES: readonly Case[] = [
  {
    rule: "I12",
    title: "An inbox has the notifications with `read`, and the publisher's text of `data`",
    run: async (server) => {
      const target = server.name(), id = server.name();
      const text = '{"n":12345678901234567890}';
      await server.accept(`{"target":"${target}","id":"${id}","topic":"t","urgency":"low","data":${text}}`);
      const answer = (await server.client(target, "/v1/inbox")).is(200);
      match(answer.header("cache-control"), { is: /\bno-store\b/, in: "Cache-Control" });
      expect(answer.text.includes(`"data":${text}`), "the text of `data` has changed");
      const { notifications, ...state } = answer.body;
      equal(Object.keys(state).toSorted(), {
        is: ["more", "position", "target", "through", "unread"],
        in: "the members",
      });
      equal([state.target, state.unread, state.through], { is: [target, 1, null], in: "the state" });
      equal(Object.keys(notifications[0] ?? {}).toSorted(), {
        is: ["at", "data", "id", "position", "read", "topic", "urgency"],
        in: "the members of a notification",
      });
    },
  },
  {
    rule: "I13",
    title: "The newest is first, and the pages have each notification once",
    run: async (server) => {
      const target = server.name();
      await server.accept(Array.from({ length: 25 }, (_, data) => ({ target, data })));
      const all: unknown[] = [];
      for (let path = "/v1/inbox?limit=10", more = true; more;) {
        const { body } = (await server.client(target, path)).is(200);
        expect(body.notifications.length <= 10, "a page has more than its limit");
        all.push(...body.notifications.map(({ data }) => data));
        path = `/v1/inbox?limit=10&before=${body.notifications.at(-1)?.position}`;
        ({ more } = body);
      }
      equal(all, { is: Array.from({ length: 25 }, (_, n) => 24 - n), in: "all pages" });
      for (const query of ["limit=0", "limit=201", "limit=x", "before=no", "before=earliest"]) {
        (await server.client(target, `/v1/inbox?${query}`)).isProblem(400, "bad-request");
      }
    },
  },
  {
    rule: "I14",
    title: "A client that connects after an inbox receives everything later, once",
    run: async (server) => {
      const target = server.name();
      let stop = false;
      const publish = async () => {
        for (let data = 0; !stop; data++) await server.accept({ target, data });
      };
      const publishing = server.meanwhile(publish());
      const { body } = (await server.client(target, "/v1/inbox?limit=200")).is(200);
      const tab = await server.tab(target, { after: body.position });
      stop = true;
      await publishing;
      await server.accept({ target, data: "end" });
      const later = await tab.before(({ data }) => data === "end");
      const numbers = [...body.notifications.toReversed(), ...later].map(({ data }) => data);
      equal(numbers, { is: numbers.map((_, n) => n), in: "the inbox and what follows" });
      equal(tab.welcome.recovered, { is: true, in: "`recovered`" });
      present(body.position, "`position`");
    },
  },
];
