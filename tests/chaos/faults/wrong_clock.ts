/** The clock of a node's machine is an hour wrong for a while, and is then put right. */

import { type AnyFault, defineFault } from "../fault.ts";
import { FAKETIME } from "../needs.ts";
import { openClockStage } from "../stages/clock_stage.ts";

const HOUR_SECONDS = 3_600;

function wrongClock(seconds: number, { name, title }: { name: string; title: string }): AnyFault {
  return defineFault({
    name,
    title,
    needs: [FAKETIME],
    promises: { memory: "nothing lost", sqlite: "nothing lost", nats: "nothing lost" },
    stage: openClockStage,
    async inflict({ equipment: clock }, { wait }) {
      await clock.shift(seconds);
      await wait({ long: 10, short: 2 });
      await clock.shift(0);
      await wait({ long: 5, short: 1.5 });
    },
  });
}

export const clockAhead = wrongClock(HOUR_SECONDS, {
  name: "clock-ahead",
  title: "The node's clock jumps forward by 1 h for 10 s, and back",
});

export const clockBehind = wrongClock(-HOUR_SECONDS, {
  name: "clock-behind",
  title: "The node's clock jumps back by 1 h for 10 s, and forward",
});
