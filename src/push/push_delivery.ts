/** Push delivery: sends a push that is due to the devices of its target, and says what is to be tried again. */

import { Semaphore } from "../async/semaphore.ts";
import { within } from "../async/within.ts";
import type { Journal } from "../journal/journal.ts";
import type { Escalation } from "./escalation.ts";
import { type DuePush, pushKey } from "./push_record.ts";
import type { PushContent } from "./push_message.ts";
import type { PushOutcome, PushSender } from "./push_sender.ts";
import type { Position } from "../wire/position.ts";
import { type Standing, standingOf } from "./standing.ts";
import type { Subscription, Subscriptions } from "./subscriptions.ts";

/** A try that is to follow. */
export interface NextTry {
  readonly push: DuePush;
  /** Milliseconds since 1970. */
  readonly at: number;
}

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
}

/** An outcome, and the subscription that it is about. Null: the push is not to be sent to it any more. */
interface Attempt {
  readonly subscription: Subscription;
  readonly outcome: PushOutcome | null;
}

/** What was not tried, and is left to try. */
const AT_ONCE: PushOutcome = { kind: "later", afterMs: 0 };
const MAX_SENDINGS = 64;
/** Another node takes a record over after 30 s, and a sending takes at most 10. */
const MAX_HELD_MS = 15_000;
const MIN_RETRY_MS = 5_000, MAX_RETRY_MS = 5 * 60_000;
/** How long a notification may be missing because it is still being appended. */
const APPEND_MS = 30_000, APPEND_RETRY_MS = 1_000;
const MAX_LOOKS = 10, LOOK_MS = 10;

export class PushDelivery {
  readonly #deps: PushDeliveryDeps;
  readonly #sendings = new Semaphore(MAX_SENDINGS);

  constructor(deps: PushDeliveryDeps) {
    this.#deps = deps;
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
        return await this.#deliverTo(await this.#subscriptionsOf(push), { push, standing, signal });
      default:
        return standing satisfies never;
    }
  }

  /** A push without delay may be due before its notification is appended, mostly for a few milliseconds. */
  async #standingOf(push: DuePush, signal: AbortSignal): Promise<Standing> {
    for (let looks = 1;; looks++) {
      const standing = await standingOf(push, this.#deps.journal);
      const mayCome = standing.state === "missing" && this.#mayBeAppended(push);
      if (!mayCome || looks === MAX_LOOKS || signal.aborted) return standing;
      await within(new Promise(() => {}), { ms: LOOK_MS, signal });
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
    const { id, target, topic, urgency, data, request } = push, { position } = standing;
    const content = { id, target, topic, urgency, data, request, position };
    const start = performance.now();
    const attempts = await Promise.all(
      subscriptions.map((subscription) =>
        this.#sendings.run(async (): Promise<Attempt> => {
          const isLate = signal.aborted || performance.now() > start + MAX_HELD_MS;
          const outcome = isLate ? AT_ONCE : await this.#send(push, { content, subscription, signal });
          return { subscription, outcome };
        })
      ),
    );
    await this.#conclude(push, attempts);
    return this.#nextTry(push, attempts);
  }

  /** The turn of this sending may have come late, so it asks again whether the device is still the target's. */
  async #send(
    push: DuePush,
    { content, subscription, signal }: {
      content: PushContent;
      subscription: Subscription;
      signal: AbortSignal;
    },
  ): Promise<PushOutcome | null> {
    const { sender, now } = this.#deps;
    const [current] = await this.#subscriptionsOf({ ...push, left: [subscription.id] });
    if (current === undefined || this.#isWithdrawn(push)) return null;
    const ttl = Math.floor((push.expiresAt - now()) / 1000);
    return ttl < 0 ? null : await sender.send({ content, subscription: current, ttl }, signal);
  }

  async #conclude(push: DuePush, attempts: readonly Attempt[]): Promise<void> {
    const { subscriptions, reports, metrics, onFailure } = this.#deps;
    const count = (kind: PushOutcome["kind"]) =>
      attempts.filter(({ outcome }) => outcome?.kind === kind).length;
    const counts = { sent: count("sent"), failed: count("failed"), gone: count("gone") };
    if (counts.sent + counts.failed + counts.gone > 0) reports.pushed(push, counts);
    for (const { subscription, outcome } of attempts) {
      if (outcome !== null && outcome !== AT_ONCE) metrics.pushed(outcome.kind);
      if (outcome?.kind === "failed") onFailure(outcome.reason);
      if (outcome?.kind === "gone") await subscriptions.forget(subscription).catch(() => {}); // the next push tries again
    }
  }

  /** A push that was withdrawn while it was sent is not tried again. */
  #nextTry(push: DuePush, attempts: readonly Attempt[]): NextTry | null {
    const later = attempts.flatMap(({ subscription: { id }, outcome }) =>
      outcome?.kind === "later" ? { id, outcome, afterMs: outcome.afterMs } : []
    );
    if (later.length === 0 || this.#isWithdrawn(push)) return null;
    const isCut = later.every(({ outcome }) => outcome === AT_ONCE);
    const attempt = isCut ? push.attempts : push.attempts + 1;
    const asked = Math.max(...later.map(({ afterMs }) => afterMs ?? 0));
    const waitMs = isCut ? 0 : Math.max(asked, backoffMs(attempt));
    return {
      push: { ...push, attempts: attempt, left: later.map(({ id }) => id) },
      at: this.#deps.now() + waitMs,
    };
  }

  async #subscriptionsOf(
    { target, left }: Pick<DuePush, "target" | "left">,
  ): Promise<readonly Subscription[]> {
    const all = await this.#deps.subscriptions.of(target);
    return left === null ? all : all.filter(({ id }) => left.includes(id));
  }

  #isWithdrawn({ id, target }: DuePush): boolean {
    return this.#deps.escalation.isWithdrawn(pushKey(id, target));
  }
}

/** It doubles with each attempt, and varies so that pushes that failed together are not tried again together. */
function backoffMs(attempt: number): number {
  const ms = Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** (attempt - 1));
  return ms * (1 + Math.random() / 4);
}
