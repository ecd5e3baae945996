/** The grounds of a node among many: NATS. The other composition root; main.ts loads it only if it is asked for. */

import type { Backend, BackendDeps } from "./backend.ts";
import type { Retention } from "../journal/journal.ts";
import { NatsJournal } from "../journal/nats/nats_journal.ts";
import { log } from "./log.ts";
import { hasSplitBrainBug } from "../nats/split_brain.ts";
import { NatsLink } from "../nats/link.ts";
import type { NatsUrl } from "../nats/nats_url.ts";
import { NatsNodes } from "../cluster/nats/nats_nodes.ts";

/** Rejects if NATS cannot be reached or used, and says why. */
export async function openNatsBackend(
  place: NatsUrl,
  parts: BackendDeps & { readonly retention: Retention },
): Promise<Backend> {
  const { node, feed, limits, report } = parts;
  const link = await NatsLink.open(place, { ...limits, name: `tidings ${node}`, report });
  const { version } = link;
  if (hasSplitBrainBug({ version, replicas: place.replicas })) {
    log.warn("NATS {version} may lose some if its leader is held up for seconds: take 2.12", { version });
  }
  let isReachable = true;
  try {
    const journal = await NatsJournal.open(link, feed, {
      ...parts,
      ...place,
      watchMs: limits.beatMs,
      hear: (target, data) => nodes.heard(target, data),
      reachable(is) {
        isReachable = is;
        if (is) log.info("the journal in NATS can be used again");
        else log.error("the journal in NATS cannot be used");
      },
    });
    const nodes = new NatsNodes(link, { ...parts, stream: place.stream, beatMs: limits.beatMs }); // last: from here on, it is asked
    const close = () => nodes.close().then(() => link.close());
    return { journal, nodes, isReachable: () => isReachable, close };
  } catch (error) {
    await link.close();
    throw error;
  }
}
