/** A node is killed, and its disk comes back read-only, as a file system does after an error. */

import { defineFault } from "../fault.ts";
import { MOUNTS } from "../needs.ts";
import { openDiskStage } from "../stages/disk_stage.ts";

export const readOnlyDisk = defineFault({
  name: "read-only-disk",
  title: "The node is killed, and starts on a disk that is read-only for 10 s",
  needs: [MOUNTS],
  promises: { sqlite: "nothing lost" },
  stage: openDiskStage,
  async inflict(stage, { wait }) {
    await stage.stopNode(0, "SIGKILL");
    await stage.equipment.remount("ro"); // impossible while a file is open for writing
    await stage.startNode(0);
    await wait({ long: 10, short: 1 });
    await stage.equipment.remount("rw");
  },
});
