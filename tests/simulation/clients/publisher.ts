/** The publisher: it posts notifications to any node, repeats what was refused, and waits for acks. */

import { askAllNodes } from "../../../src/http/ask_nodes.ts";
import type { Published } from "../../../src/sources/publish.ts";
import { Problem } from "../../../src/wire/problem.ts";
import type { NotifyStep } from "../history/step.ts";
import type { Cluster } from "../nodes/cluster.ts";
import type { SimNode } from "../nodes/sim_node.ts";
import { checkWait } from "../promises/wait_check.ts";
import type { Random } from "../runtime/random.ts";
import type { World } from "../runtime/world.ts";

interface PublisherRequest {
  readonly json: string;
  readonly hasIds: boolean;
  readonly waitSeconds: number | undefined;
  triesLeft: number;
}

const MAX_TRIES = 5;
const RETRY_MS = 700;
const ROOM_FOR_IDS = 1024 * 1024; // a journal with less forgets ids early

export class Publisher {
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #requests: PublisherRequest[] = [];
  #notifications = 0;

  constructor(world: World, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
    this.#random = world.random("publisher");
  }

  notify({ targets, count, bytes, ttl, topic, hasIds, waitSeconds }: NotifyStep): void {
    const to = targets === null ? { everyone: true } : { targets };
    const notifications = Array.from({ length: count }, () => {
      const n = ++this.#notifications;
      return { ...to, ...(hasIds && { id: `id-${n}` }), data: { n, fill: "x".repeat(bytes) }, ttl, topic };
    });
    const request = { json: JSON.stringify(notifications), hasIds, waitSeconds, triesLeft: MAX_TRIES };
    this.#requests.push(request);
    this.#post(request);
  }

  /** Sends an earlier request again. Only one with ids is not accepted again. */
  repeat(back: number): void {
    const withIds = this.#requests.filter(({ hasIds }) => hasIds), request = withIds.at(-1 - back);
    if (request !== undefined) this.#post({ ...request, waitSeconds: undefined });
  }

  /** Marks as read what a target has. */
  markAll(target: string): void {
    const last = this.#world.ledger.entries.findLast((one) => one.target === target)?.position;
    if (last === undefined) return;
    this.#ask("marks all", (node) => node.mark(target, { type: "read", through: last }));
  }

  /** Closes the connections of a target. Those that it had are gone when this is answered. */
  disconnect(target: string): void {
    this.#ask("disconnects", async ({ backend: { nodes } }) => {
      const before = await askAllNodes(nodes, { kind: "connections", target });
      await askAllNodes(nodes, { kind: "disconnect", target });
      const after = await askAllNodes(nodes, { kind: "connections", target });
      const known = new Set(before.flatMap(({ value }) => value).map(({ id }) => id));
      const left = after.flatMap(({ value }) => value).find(({ id }) => known.has(id));
      if (left !== undefined) {
        this.#world.verdict.broken("ghosts", `${left.id} is there after it was disconnected`);
      }
    });
  }

  /** Whatever a node cannot do now is refused with a problem. */
  #ask(label: string, ask: (node: SimNode) => Promise<void>): void {
    const node = this.#cluster.pick(this.#random);
    if (node === undefined) return;
    this.#world.scheduler.after(this.#random.between(0, 3), { label, process: node.process }, () => {
      ask(node).catch((error) => {
        if (!(error instanceof Problem)) throw error;
      });
    });
  }

  #post(request: PublisherRequest): void {
    const node = this.#cluster.pick(this.#random);
    if (node === undefined) return this.#postLater(request);
    const label = `POST ${request.json.slice(0, 60)}`;
    this.#world.scheduler.after(this.#random.between(0, 3), { label, process: node.process }, () => {
      node.notify(request.json).then(
        (published) => this.#onAccepted(request, { published, node }),
        (error) => {
          if (!(error instanceof Problem)) throw error;
          this.#onRefused(request, error);
        },
      );
    });
  }

  #postLater(request: PublisherRequest): void {
    if (--request.triesLeft <= 0) return;
    const { scheduler } = this.#world;
    scheduler.after(
      RETRY_MS,
      { label: "posts again", process: scheduler.outside },
      () => this.#post(request),
    );
  }

  /** A request without ids could be accepted twice. */
  #onRefused(request: PublisherRequest, problem: Problem): void {
    if (problem.kind !== "unavailable") {
      this.#world.verdict.broken("receipt", `a request was refused: ${problem.kind}, ${problem.message}`);
    }
    if (request.hasIds) this.#postLater(request);
  }

  #onAccepted(
    request: PublisherRequest,
    { published, node }: { readonly published: Published; readonly node: SimNode },
  ): void {
    this.#checkReceipts(published);
    if (request.waitSeconds === undefined) return;
    const { now: startedAt } = this.#world, seconds = request.waitSeconds;
    node.waitForAcks(published, seconds).then((isReported) => {
      checkWait(this.#world, { cluster: this.#cluster, published, startedAt, seconds, isReported });
    });
  }

  #checkReceipts(published: Published): void {
    const { ledger, verdict, setting: { retention }, now } = this.#world;
    for (const { id, target, position } of published.accepted()) {
      const entry = position === null ? undefined : ledger.at(position);
      if (entry?.draft?.id !== id || entry.target !== target) {
        verdict.broken("receipt", `${id} for ${target} is not at ${position}`);
      }
      const same = ledger.entries.filter(({ draft, target: other }) => draft?.id === id && other === target);
      const isRemembered = (same[0]?.acceptedAt ?? 0) + retention.seconds * 1_000 > now;
      const isSameJournal = same[0]?.position.slice(0, 8) === same.at(-1)?.position.slice(0, 8);
      const hasRoom = retention.bytes >= ROOM_FOR_IDS;
      if (same.length > 1 && isRemembered && isSameJournal && hasRoom) {
        verdict.broken("receipt", `${id} for ${target} was accepted ${same.length} times`);
      }
    }
  }
}
