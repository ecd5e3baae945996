/** Rules I9 to I11: marks as entries of the stream of their target. */

import type { Case } from "../case.ts";
import { equal } from "../client/expect.ts";
import { inbox, mark, publish } from "./marks.ts";

export const MARK_ENTRIES: readonly Case[] = [
  {
    rule: "I9",
    title: "A mark replaces the one before, and that is no loss",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const positions = await publish(server, { target, count: 3 });
      for (const position of positions) await mark(tab, { type: "read", positions: [position] });
      const back = await server.tab(target, { after: tab.welcome.position });
      equal(back.welcome.recovered, { is: true, in: "`recovered`" });
      await server.accept({ target, data: "end" });
      const states = (await back.before(({ data }) => data === "end")).filter(({ type }) => type === "read");
      equal(states.map(({ through }) => through), { is: [positions.at(-1)], in: "the states" });
    },
  },
  {
    rule: "I10",
    title: "A client that resumes receives the mark if it is later, and not otherwise",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const [position = ""] = await publish(server, { target, count: 1 });
      await mark(tab, { type: "read", positions: [position] });
      const before = await server.tab(target, { after: position });
      const state = await before.nextOf("read");
      const after = await server.tab(target, { after: state.position });
      await server.accept({ target, data: "end" });
      equal(await after.data(1), { is: ["end"], in: "what comes after the mark" });
    },
  },
  {
    rule: "I11",
    title: "A mark is in no list",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const [position = ""] = await publish(server, { target, count: 1 });
      await mark(tab, { type: "read", positions: [position] });
      equal((await inbox(server, target)).notifications.length, { is: 1, in: "the inbox" });
      const { body } = (await server.publisher(`/v1/targets/${target}/notifications`)).is(200);
      equal(body.notifications.length, { is: 1, in: "the list of publishers" });
    },
  },
];
