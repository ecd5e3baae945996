/** The proxy in front of the nodes is restarted, which ends every connection. */

import { defineFault } from "../fault.ts";
import { NGINX_PROXY } from "../needs.ts";
import { ProxiedStage } from "../stages/proxied_stage.ts";

export const proxyRestarted = defineFault({
  name: "proxy-restarted",
  title: "nginx, which is in front of the nodes, is restarted three times",
  needs: [NGINX_PROXY],
  promises: { memory: "nothing lost", sqlite: "nothing lost", nats: "nothing lost" },
  stage: (journal) => ProxiedStage.open(journal),
  async inflict(stage, { random, choose, wait }) {
    for (let restarts = choose({ long: 3, short: 1 }); restarts > 0; restarts--) {
      await stage.stopProxy();
      await wait({ long: random(), short: random() / 4 });
      await stage.startProxy();
      await wait({ long: 2, short: 0.3 });
    }
  },
});
