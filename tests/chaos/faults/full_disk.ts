/** The disk with the journal is full for a while. */

import { defineFault } from "../fault.ts";
import { MOUNTS } from "../needs.ts";
import { openDiskStage } from "../stages/disk_stage.ts";

export const fullDisk = defineFault({
  name: "full-disk",
  title: "The disk is full for 10 s",
  needs: [MOUNTS],
  promises: { sqlite: "nothing lost" },
  stage: openDiskStage,
  async inflict({ equipment: disk }, { wait }) {
    disk.fill();
    await wait({ long: 10, short: 1 });
    await disk.makeRoom();
  },
});
