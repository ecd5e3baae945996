/** Push delivery: sends a push that is due to the devices of its target, and says what is to be tried again. */

import { pause } from "../async/pause.ts";
import { type Journal, UnavailableError } from "../journal/journal.ts";
import type { Escalation } from "./escalation.ts";
import { AT_ONCE, type DeviceOutcome, isDueFor, type NextTry, nextTry } from "./next_try.ts";
import { type DuePush, pushKey } from "./push_record.ts";
import type { PushContent } from "./push_message.ts";
import type { PushOutcome, PushSender } from "./push_sender.ts";
import { serviceOf } from "./push_services.ts";
import { ServiceSlots } from "./service_slots.ts";
import type { Position } from "../wire/position.ts";
import { type Standing, Standings } from "./standing.ts";
import type { Subscription, Subscriptions } from "./subscriptions.ts";

/** How often a push had each final outcome. */
interface Outcomes {
  readonly sent: number;
  readonly failed: number;
  readonly gone: number;
}

export interface PushDeliveryDeps {
  readonly journal: Pick<Journal, "read">;
  readonly subscriptions: Pick<Subscriptions, "of" | "forget">;
  readonly sender: Pick<PushSender, "send">;
  readonly escalation: Pick<Escalation, "isWithdrawn">;
  readonly reports: { pushed(push: Pick<DuePush, "id" | "dueAt">, outcomes: Outcomes): void };
  /** Counts an attempt. */
  readonly metrics: { pushed(outcome: PushOutcome["kind"]): void };
  /** Called with why a push service has refused a push for good. */
  readonly onFailure: (reason: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a sending waits for others to the same push service, none of which ends. */
  readonly stalledMs?: number;
}

interface DeviceSending extends DeviceOutcome {
  readonly subscription: Subscription;
}

/** It was not tried: the store of subscriptions cannot be reached, or the push service has stalled. */
const UNTRIED: PushOutcome = { kind: "later", afterMs: null };
const MAX_SENDINGS = 64;
const STALLED_MS = 2_000; // push services mostly answer in less than 200
/** Another node takes a record over after 30 s, and a sending takes at most 10. */
const MAX_HELD_MS = 15_000;
/** How long a notification may be missing because it is still being appended. */
const APPEND_MS = 30_000, APPEND_RETRY_MS = 1_000;
const MAX_LOOKS = 10, LOOK_MS = 10;

export class PushDelivery {
  readonly #deps: PushDeliveryDeps;
  readonly #slots: ServiceSlots;
  readonly #standings: Standings;

  constructor(deps: PushDeliveryDeps) {
    this.#deps = deps;
    this.#slots = new ServiceSlots({ size: MAX_SENDINGS, stalledMs: deps.stalledMs ?? STALLED_MS });
    this.#standings = new Standings(deps.journal);
  }

  /**
   * Sends the push unless it is withdrawn, over, or read. Resolves with what is left to try again, or with null. Rejects
   * with `UnavailableError`; nothing was sent then.
   *
   * @param signal ends the sendings; what was not sent is left to try again at once
   */
  async deliver(push: DuePush, signal: AbortSignal): Promise<NextTry | null> {
    const { now } = this.#deps;
    if (this.#isWithdrawn(push)) return null;
    if (push.expiresAt <= now()) return this.#giveUp(push);
    const standing = await this.#standingOf(push, signal);
    switch (standing.state) {
      case "read":
        return null;
      case "missing":
        return this.#mayBeAppended(push) ? { push, at: now() + APPEND_RETRY_MS } : null;
      case "stands":
        return await this.#deliverTo(await this.#deps.subscriptions.of(push.target), {
          push,
          standing,
          signal,
        });
      default:
        return standing satisfies never;
    }
  }

  /** A push without delay may be due before its notification is appended, mostly for a few milliseconds. */
  async #standingOf(push: DuePush, signal: AbortSignal): Promise<Standing> {
    for (let looks = 1;; looks++) {
      const standing = await this.#standings.of(push);
      const mayCome = standing.state === "missing" && this.#mayBeAppended(push);
      if (!mayCome || looks === MAX_LOOKS || signal.aborted) return standing;
      await pause(LOOK_MS, signal);
    }
  }

  #mayBeAppended({ addedAt }: DuePush): boolean {
    return this.#deps.now() < addedAt + APPEND_MS;
  }

  #giveUp(push: DuePush): null {
    const failed = push.left?.length ?? 0;
    if (failed > 0) this.#deps.reports.pushed(push, { sent: 0, failed, gone: 0 });
    return null;
  }

  async #deliverTo(
    subscriptions: readonly Subscription[],
    { push, standing, signal }: {
      push: DuePush;
      standing: { position: Position | null };
      signal: AbortSignal;
    },
  ): Promise<NextTry | null> {
    const { id, target, topic, urgency, data, request, trace } = push, { position } = standing;
    const content = {
      id,
      target,
      topic,
      urgency,
      data,
      request,
      position,
      ...trace !== undefined && { trace },
    };
    const start = this.#deps.now(), startMs = performance.now();
    const attempts: readonly DeviceSending[] = await Promise.all(
      subscriptions.filter(({ id }) => isDueFor(id, push, start)).map(async (subscription) => {
        const sent = await this.#slots.run(serviceOf(subscription.endpoint), async () => {
          const isLate = signal.aborted || performance.now() > startMs + MAX_HELD_MS;
          const outcome = isLate ? AT_ONCE : await this.#send(push, { content, subscription, signal });
          return { subscription, outcome };
        });
        return sent ?? { subscription, outcome: UNTRIED };
      }),
    );
    await this.#conclude(push, attempts);
    if (this.#isWithdrawn(push)) return null; // while it was sent
    return nextTry(push, { attempts, start, now: this.#deps.now() });
  }

  /**
   * The turn of this sending may have come late, so it asks again whether the device is still the target's. If nobody
   * can say, it is left to another try: the other devices may have been sent to.
   */
  async #send(
    push: DuePush,
    { content, subscription, signal }: {
      content: PushContent;
      subscription: Subscription;
      signal: AbortSignal;
    },
  ): Promise<PushOutcome | null> {
    const { sender, now } = this.#deps;
    const all = await this.#subscriptionsIfKnown(push);
    if (all === null) return UNTRIED;
    const current = all.find(({ id }) => id === subscription.id);
    if (current === undefined || this.#isWithdrawn(push)) return null;
    const ttl = Math.floor((push.expiresAt - now()) / 1000);
    return ttl < 0 ? null : await sender.send({ content, subscription: current, ttl }, signal);
  }

  async #conclude(push: DuePush, attempts: readonly DeviceSending[]): Promise<void> {
    const { subscriptions, reports, metrics, onFailure } = this.#deps;
    const count = (kind: PushOutcome["kind"]) =>
      attempts.filter(({ outcome }) => outcome?.kind === kind).length;
    const counts = { sent: count("sent"), failed: count("failed"), gone: count("gone") };
    if (counts.sent + counts.failed + counts.gone > 0) reports.pushed(push, counts);
    for (const { subscription, outcome } of attempts) {
      if (outcome !== null && outcome !== AT_ONCE && outcome !== UNTRIED) metrics.pushed(outcome.kind);
      if (outcome?.kind === "failed") onFailure(outcome.reason);
      if (outcome?.kind === "gone") await subscriptions.forget(subscription).catch(() => {}); // the next push tries again
    }
  }

  async #subscriptionsIfKnown({ target }: DuePush): Promise<readonly Subscription[] | null> {
    try {
      return await this.#deps.subscriptions.of(target);
    } catch (error) {
      if (error instanceof UnavailableError) return null;
      throw error;
    }
  }

  #isWithdrawn({ id, target }: DuePush): boolean {
    return this.#deps.escalation.isWithdrawn(pushKey(id, target));
  }
}
