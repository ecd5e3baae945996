/** Faults of NATS: its only server is killed, or the leader of three, or a node's line to it fails. */

import { type AnyFault, defineFault } from "../fault.ts";
import { NATS_CLUSTER } from "../needs.ts";
import { ClusterStage } from "../stages/cluster_stage.ts";

export const natsKilled = defineFault({
  name: "nats-killed",
  title: "The only NATS server of three nodes is killed for 5 s",
  needs: [],
  promises: { nats: "nothing lost" },
  stage: () => ClusterStage.open(3),
  async inflict({ cluster }, { wait }) {
    await cluster.nats.server.stop();
    await wait({ long: 5, short: 1 });
    await cluster.nats.server.start();
  },
});

export const leaderKilled = defineFault({
  name: "leader-killed",
  title: "Of three NATS servers, the leader of the stream is killed for 15 s",
  needs: [NATS_CLUSTER],
  promises: { nats: "nothing lost" },
  stage: () => ClusterStage.openReplicated(),
  async inflict({ cluster }, { wait }) {
    const leader = await cluster.nats.servers.leaderOf("tidings");
    await leader.stop();
    await wait({ long: 15, short: 3 });
    await leader.start();
  },
});

function natsLine(how: "broken" | "silent", { name, title }: { name: string; title: string }): AnyFault {
  return defineFault({
    name,
    title,
    needs: [],
    promises: { nats: "nothing lost" },
    stage: () => ClusterStage.open(3),
    async inflict({ cluster, count }, { random, wait }) {
      const line = cluster.nats.proxies[Math.floor(random() * count)];
      line?.cut(how);
      await wait({ long: 30, short: 2 });
      line?.heal();
    },
  });
}

export const natsLineCut = natsLine("broken", {
  name: "nats-line-cut",
  title: "One of three nodes cannot reach NATS for 30 s: its connection is refused",
});

export const natsLineSilent = natsLine("silent", {
  name: "nats-line-silent",
  title: "One of three nodes cannot reach NATS for 30 s: its connection is silent",
});
