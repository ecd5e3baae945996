/** Composes the WebSockets of publishers. */

import { Shares } from "../async/shares.ts";
import type { DrainPoller } from "../connection/drain_poller.ts";
import { WebSocketTransport } from "../connection/websocket_transport.ts";
import type { LargeBodies } from "../http/large_bodies.ts";
import { recordRefusal } from "../http/record_refusal.ts";
import type { Intakes } from "../sources/intakes.ts";
import { PublisherSockets } from "../sources/socket/publisher_sockets.ts";
import type { Core } from "./core.ts";

const MIB = 1024 * 1024;
const BUDGET = { capacity: 128 * MIB, share: 32 * MIB }; // as for the bodies of publishers
const REQUEST = { method: "GET", route: "/v1/publish", origin: undefined };

export function openPublisherSockets(
  core: Core,
  { intakes, drains, large }: { intakes: Intakes; drains: DrainPoller; large: LargeBodies },
): PublisherSockets {
  const keyOf = (owner: string) => core.config.development ? undefined : owner;
  return new PublisherSockets({
    intake: intakes.from("socket"),
    slots: core.publisherSlots,
    budget: new Shares(BUDGET),
    connect: (socket, listener) => new WebSocketTransport(socket, listener),
    turnOfLarge: (owner) => large.turn(owner),
    drained: (transport, maxBytes) => drains.drained(transport, maxBytes),
    allowanceOf: (owner) => core.quotas.keys?.of(owner) ?? null,
    isDraining: core.isDraining,
    refuse: (error, owner) => recordRefusal(error, { ...REQUEST, key: keyOf(owner) }, core),
    report: core.report,
    onClosed(close, owner) {
      core.metrics.publisherLeft(close);
      core.refusals.publisherClosed(close, { key: keyOf(owner) });
    },
  });
}
