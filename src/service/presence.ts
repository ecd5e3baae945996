/** The presence of a node: composes what notes when targets were last seen, and what tells that they come and go. */

import type { TargetObserver } from "../connection/admission.ts";
import { KnownNodes } from "../presence/known_nodes.ts";
import type { PresenceRecords } from "../presence/presence_records.ts";
import { PresenceSweeper } from "../presence/presence_sweeper.ts";
import { PresenceTeller } from "../presence/presence_teller.ts";
import { PresenceTracker } from "../presence/presence_tracker.ts";
import { createAttempt, type Endpoint } from "../processor/webhook/attempt.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import { log } from "./log.ts";

/** Heartbeats after which other nodes take a node for gone that sends none. */
const GRACE_BEATS = 3;

export interface Presence {
  /** Null if nothing is noted and nobody is told. */
  readonly observer: TargetObserver | null;
  /** What tells the application. Null if nobody is told. */
  readonly teller: { readonly size: number } | null;
  /** What records for the teller. Null if nobody is told. */
  readonly tracker: { readonly withoutRoom: number } | null;
  /** Stores what is not stored yet, until the signal aborts, and tells nothing any more. */
  close(signal: AbortSignal): Promise<void>;
}

export function createPresence(core: Core, backend: Backend): Presence {
  const { config: { presenceWebhook: endpoint, lastSeenSeconds } } = core,
    { presence: records, lastSeen } = backend;
  if (endpoint !== null && records !== null) return tellPresence(core, { ...backend, endpoint, records });
  const seen = (target: string, at: number) => lastSeen.saw(target, at);
  const observer = lastSeenSeconds === 0 ? null : { arrived() {}, departed() {}, seen };
  return { observer, teller: null, tracker: null, close: (signal) => lastSeen.close(signal) };
}

function tellPresence(
  { limits, now, report, metrics, tracing }: Core,
  { node, nodes, records, lastSeen, endpoint }: Backend & { records: PresenceRecords; endpoint: Endpoint },
): Presence {
  const { heartbeatMs: everyMs, lingerMs, retryMs } = limits;
  const elapsed = () => performance.now();
  const attempt = createAttempt(endpoint, { fetch: tracing?.webhookFetch ?? fetch, now });
  const teller = new PresenceTeller({ node, attempt, records, log, metrics, report, now, retryMs });
  const onChange = teller.tell.bind(teller);
  const tracker = new PresenceTracker({
    ...{ node, records, onChange, log, metrics, report, now, elapsed, retryMs },
  });
  const sweeper = new PresenceSweeper({
    node,
    records,
    tracker,
    known: new KnownNodes({ graceMs: Math.max(lingerMs, GRACE_BEATS * everyMs), elapsed, now }),
    lastSeen,
    members: () => nodes.members().map((member) => member.node),
    report,
    now,
    elapsed,
    everyMs,
  });
  const timer = setInterval(() => {
    sweeper.tick();
    tracker.tick();
  }, everyMs);
  return {
    teller,
    tracker,
    observer: {
      arrived: (target) => tracker.arrived(target),
      departed: (target, at) => tracker.departed(target, at), // not at a stop: the next start finds that it is gone
      seen: (target, at) => lastSeen.saw(target, at),
    },
    async close(signal) {
      clearInterval(timer);
      await Promise.all([tracker.settle(signal), lastSeen.close(signal)]);
      await Promise.all([sweeper.stop(), teller.close()]);
    },
  };
}
