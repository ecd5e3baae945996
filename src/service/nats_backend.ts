/** The backend of one node of several: NATS stores the notifications and connects the nodes. */

import { NatsNodes } from "../cluster/nats/nats_nodes.ts";
import { PresenceRelay } from "../cluster/nats/presence_relay.ts";
import type { StreamLoss } from "../nats/stream_loss.ts";
import { NatsJournal } from "../journal/nats/nats_journal.ts";
import { NatsLink } from "../nats/link.ts";
import type { NatsUrl } from "../nats/nats_url.ts";
import { hasSplitBrainBug } from "../nats/split_brain.ts";
import { memorySubscriptions } from "../push/memory_subscriptions.ts";
import { NatsSubscriptions, type NatsSubscriptionsOptions } from "../push/nats/nats_subscriptions.ts";
import { pushStream } from "../push/nats/push_stream.ts";
import type { Subscriptions } from "../push/subscriptions.ts";
import { type LastSeen, NEVER_SEEN } from "../presence/last_seen.ts";
import { NatsLastSeen } from "../presence/nats/nats_last_seen.ts";
import { NatsPresence } from "../presence/nats/nats_presence.ts";
import { presenceStream } from "../presence/nats/presence_streams.ts";
import type { PresenceRecords } from "../presence/presence_records.ts";
import { NatsRevocations } from "../revocation/nats/nats_revocations.ts";
import { revocationStream } from "../revocation/nats/revocation_stream.ts";
import { NatsSchedule } from "../schedule/nats/nats_schedule.ts";
import type { Backend, BackendDeps } from "./backend.ts";
import { log } from "./log.ts";

/** Rejects if NATS cannot be reached, or if its streams or their configuration cannot be used. */
export async function openNatsBackend(url: NatsUrl, deps: BackendDeps): Promise<Backend> {
  const { node, config, limits, now, report } = deps;
  const link = await NatsLink.open(url, { ...limits, name: `tidings ${node}`, report });
  warnOfSplitBrain(link, url);
  const relay = new PresenceRelay();
  const onLoss = ({ stream, reason }: StreamLoss) => log.error(LOSSES[reason], { stream });
  const noteDamage = (stream: string, sequence: number) => {
    deps.metrics.foundDamage(1);
    log.error("message {sequence} of the stream {stream} in NATS is damaged, and is skipped", {
      sequence,
      stream,
    });
  };
  let isReachable = true;
  try {
    const journal = await NatsJournal.open(link, deps.feed, {
      ...url,
      retention: config.retention,
      checkMs: limits.heartbeatMs,
      now,
      report,
      onPresence: (target, data) => relay.receive(target, data),
      onReachabilityChange(is) {
        isReachable = is;
        if (is) log.info("the journal in NATS is available again");
        else log.error("the journal in NATS is not available");
      },
      onDamage: (sequence) => noteDamage(url.stream, sequence),
      onLoss,
    });
    const schedule = await NatsSchedule.open(link, {
      ...deps.schedule,
      ...url,
      everyMs: limits.heartbeatMs,
      report,
      onLoss,
    });
    const subscriptions = await openSubscriptions(link, {
      ...url,
      deps,
      onLoss,
      onDamage: (sequence) => noteDamage(pushStream(url.stream), sequence),
    });
    const lastSeen = await openLastSeen(link, { ...url, deps, onLoss });
    const presence = await openPresence(link, {
      ...url,
      deps,
      onLoss,
      onDamage: (sequence) => noteDamage(presenceStream(url.stream), sequence),
    });
    const revocations = await NatsRevocations.open(link, {
      ...deps.revocations,
      ...url,
      everyMs: limits.heartbeatMs,
      onLoss,
      onDamage: (sequence) => noteDamage(revocationStream(url.stream), sequence),
      report,
    });
    // The node joins last, because the other nodes ask it questions from then on.
    const nodes = new NatsNodes(link, {
      ...deps,
      stream: url.stream,
      maxPerTarget: config.maxConnectionsPerTarget,
      beatMs: limits.heartbeatMs,
    });
    relay.connect((target, data) => nodes.receivePresence(target, data));
    const close = async () => {
      await schedule.close();
      await Promise.all([subscriptions, lastSeen, presence, revocations].map((store) => store?.close()));
      await journal.close();
      await nodes.close();
      await link.close();
    };
    const stores = { journal, schedule, subscriptions, lastSeen, presence, revocations };
    return {
      ...{ ...stores, node, nodes, close, knownRevocations: () => [] },
      wipe: () => Promise.resolve(), // the streams overwrite each message that is erased
      isReachable: () => isReachable && revocations.isCurrent,
      isWritable: () => isReachable,
    };
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** Without Web Push there are no subscriptions, and NATS need not reserve room for them. */
async function openSubscriptions(
  link: NatsLink,
  { deps: { config, limits, report, subscriptions }, ...options }:
    & Pick<NatsSubscriptionsOptions, "stream" | "replicas" | "onLoss" | "onDamage">
    & { deps: BackendDeps },
): Promise<Subscriptions> {
  if (config.push === null) return memorySubscriptions({ maxBytes: 0 });
  return await NatsSubscriptions.open(link, {
    ...subscriptions,
    ...options,
    everyMs: limits.heartbeatMs,
    report,
  });
}

type StoreOptions = Pick<NatsSubscriptionsOptions, "stream" | "replicas" | "onLoss"> & { deps: BackendDeps };

async function openLastSeen(
  link: NatsLink,
  { deps: { config, limits, report, lastSeen, now }, ...options }: StoreOptions,
): Promise<LastSeen> {
  if (config.lastSeenSeconds === 0) return NEVER_SEEN;
  return await NatsLastSeen.open(link, { ...lastSeen, ...options, everyMs: limits.heartbeatMs, report, now });
}

async function openPresence(
  link: NatsLink,
  { deps: { config, limits, report, presence }, ...options }:
    & StoreOptions
    & Pick<NatsSubscriptionsOptions, "onDamage">,
): Promise<PresenceRecords | null> {
  if (config.presenceWebhook === null) return null;
  return await NatsPresence.open(link, { ...presence, ...options, everyMs: limits.heartbeatMs, report });
}

const LOSSES: Readonly<Record<StreamLoss["reason"], string>> = {
  "missing": "the stream {stream} was missing in NATS and was created again; what it held is lost",
  "replaced": "the stream {stream} in NATS was replaced by another one; what it held before is lost",
  "rolled back": "the stream {stream} in NATS went back to an earlier state; what it held after that is lost",
};

function warnOfSplitBrain({ version }: NatsLink, { replicas }: NatsUrl): void {
  if (!hasSplitBrainBug({ version, replicas })) return;
  log.warn("NATS {version} may lose notifications if its leader pauses for seconds; upgrade to 2.12", {
    version,
  });
}
