/** A stage with one node, whose journal is on a small disk of its own. */

import { SmallDisk } from "../../end_to_end/small_disk.ts";
import { EquippedStage } from "./equipped_stage.ts";
import { LocalStage } from "./local_stage.ts";

const MEGABYTES = 64;

export async function openDiskStage(): Promise<EquippedStage<SmallDisk>> {
  const disk = await SmallDisk.mount(MEGABYTES);
  if (disk === null) throw new Error("the disk could not be mounted");
  return await EquippedStage.open(
    disk,
    ({ folder }) => LocalStage.open("sqlite", { folder: `${folder}/node` }),
  );
}
