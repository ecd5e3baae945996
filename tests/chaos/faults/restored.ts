/** What the journal keeps is put back to an earlier state, from a backup or a snapshot. */

import { defineFault } from "../fault.ts";
import { ClusterStage } from "../stages/cluster_stage.ts";
import { LocalStage } from "../stages/local_stage.ts";
import { run } from "../run_program.ts";

const CLI = new URL("../../../src/cli/tidings.ts", import.meta.url).pathname;

export const restoredBackup = defineFault({
  name: "restored-backup",
  title: "The file is restored from a backup that is 10 s old",
  needs: [],
  promises: { sqlite: "told" },
  stage: () => LocalStage.open("sqlite"),
  async inflict(stage, { wait }) {
    const backup = `${stage.folder}/backup.db`;
    await tidings(stage, "backup", backup);
    await wait({ long: 10, short: 1 });
    await stage.stopNode(0, "SIGTERM");
    await tidings(stage, "restore", backup, "--replace");
    await stage.startNode();
  },
});

async function tidings({ environment }: LocalStage, ...args: string[]): Promise<void> {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  await run("env", ...variables, Deno.execPath(), "run", "--allow-all", CLI, ...args);
}

export const restoredSnapshot = defineFault({
  name: "restored-snapshot",
  title: "NATS is killed, and comes back with a snapshot that is 10 s old",
  needs: [],
  promises: { nats: "told" },
  stage: () => ClusterStage.open(3),
  async inflict({ cluster }, { wait }) {
    const { server } = cluster.nats;
    await server.stop();
    const snapshot = await server.copyStore();
    await server.start();
    await wait({ long: 10, short: 2 });
    await server.stop();
    await server.rollBack(snapshot);
    await server.start();
  },
});
