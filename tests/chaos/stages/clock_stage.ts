/** A stage with one node whose clock can be wrong. */

import { EquippedStage } from "./equipped_stage.ts";
import { openStage } from "./open_stage.ts";
import type { JournalName } from "./stage.ts";
import { WrongClock } from "./wrong_clock.ts";

export async function openClockStage(journal: JournalName): Promise<EquippedStage<WrongClock>> {
  const clock = await WrongClock.create();
  return await EquippedStage.open(clock, ({ environment }) => openStage(journal, { environment }));
}
