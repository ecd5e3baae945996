/** The line between all clients and the node fails. */

import { type AnyFault, defineFault } from "../fault.ts";
import { openStage } from "../stages/open_stage.ts";

function line(how: "broken" | "silent", { name, title }: { name: string; title: string }): AnyFault {
  return defineFault({
    name,
    title,
    needs: [],
    promises: { memory: "nothing lost", sqlite: "nothing lost", nats: "nothing lost" },
    stage: (journal) => openStage(journal),
    async inflict({ door }, { wait }) {
      door.cut(how);
      await wait(how === "broken" ? { long: 10, short: 1 } : { long: 60, short: 2 });
      door.heal();
    },
  });
}

export const lineCut = line("broken", {
  name: "line-cut",
  title: "Every connection of clients is cut, and none is possible for 10 s",
});

export const lineSilent = line("silent", {
  name: "line-silent",
  title: "Connections of clients stay open and transfer nothing for 60 s",
});
