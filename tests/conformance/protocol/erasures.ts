/** Rules T14 to T16: targets that are erased. */

import type { Case } from "../case.ts";
import { equal } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";

async function erase(server: TestedServer, target: string): Promise<void> {
  const answer = await server.publisher(`/v1/targets/${target}`, { method: "DELETE" });
  equal([answer.is(204, "the answer to an erasure").text], { is: [""], in: "the body" });
}

/** The data of what is kept for a target. */
async function keptOf(server: TestedServer, target: string): Promise<unknown[]> {
  const answer = await server.publisher(`/v1/targets/${target}/notifications`);
  return answer.is(200).body.notifications.map(({ data }) => data);
}

export const ERASURES: readonly Case[] = [
  {
    rule: "T14",
    title: "An erasure leaves nothing of a target, and everything of others",
    run: async (server) => {
      const target = server.name(), other = server.name(), mine = server.name(), both = server.name();
      await server.accept({ targets: [target, other], data: mine, id: both });
      await server.publisher(`/v1/targets/${target}/read`, { method: "POST", body: { positions: [] } });
      await erase(server, target);
      equal((await keptOf(server, target)).includes(mine), { is: false, in: "what is left of the target" });
      equal((await keptOf(server, other)).includes(mine), { is: true, in: "what is left of another one" });
    },
  },
  {
    rule: "T15",
    title: "An erasure can be repeated, and a repeat of what was erased brings nothing back",
    run: async (server) => {
      const target = server.name(), notification = { target, data: server.name(), id: server.name() };
      await server.accept(notification);
      for (let times = 0; times < 2; times++) await erase(server, target);
      await server.accept(notification);
      equal((await keptOf(server, target)).includes(notification.data), { is: false, in: "what is left" });
    },
  },
  {
    rule: "T16",
    title: "The connections of an erased target are closed with 4003, and who returns is told of the loss",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target), after = String(tab.welcome.position);
      await server.accept({ target, data: "before" });
      await erase(server, target);
      equal(await tab.socket.closeCode(), { is: 4003, in: "the close code" });
      await server.accept({ target, data: "after" });
      const returned = await server.tab(target, { after });
      equal(returned.welcome.recovered, { is: false, in: "`recovered`" });
      equal(await returned.data(1), { is: ["after"], in: "what it receives" });
    },
  },
];
