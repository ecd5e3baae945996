/** Publishes to the residents in the other ways: batches, lines, calls, later, and under topics. */

import type { Ledger } from "../../chaos/load/ledger.ts";
import { TARGETS } from "../../chaos/load/outgoing.ts";
import { pause } from "../../chaos/load/subscriber.ts";
import type { Actor } from "./actor.ts";
import { type Caller, expectStatus } from "./caller.ts";

interface Sent {
  readonly id: string;
  readonly target: string | null;
  readonly data: string;
}

const MAX_BATCH = 8, LATER_MS = 1_500;
const FAR_MS = 600_000;

export class WaysIn implements Actor {
  readonly name = "other ways in";
  readonly everyMs = 200;
  readonly #caller: Caller;
  readonly #ledger: Ledger;
  readonly #prefix: string;
  /** How many notifications have been scheduled, which a node remembers for a day. */
  scheduled = 0;
  #count = 0;

  constructor(caller: Caller, { ledger, prefix }: { ledger: Ledger; prefix: string }) {
    this.#caller = caller;
    this.#ledger = ledger;
    this.#prefix = prefix;
  }

  async act(random: () => number): Promise<string> {
    const luck = random();
    if (luck < 0.3) return await this.#batch(this.#some(random));
    if (luck < 0.55) return await this.#lines(this.#some(random));
    if (luck < 0.65) return await this.#call(this.#one(random));
    if (luck < 0.8) return await this.#replaceable(this.#one(random));
    if (luck < 0.9) return await this.#later(this.#one(random));
    return await this.#cancelled(this.#one(random));
  }

  async #batch(all: readonly Sent[]): Promise<string> {
    await this.#accepted(all, async () => {
      const answer = await this.#caller.call("/v1/notify", { body: all.map(bodyOf) });
      expectStatus(answer, 202);
      return JSON.parse(answer.text).notifications;
    });
    return "a batch";
  }

  async #lines(all: readonly Sent[]): Promise<string> {
    await this.#accepted(all, async () => {
      const body = all.map((one) => `${JSON.stringify(bodyOf(one))}\n`).join("");
      const answer = await this.#caller.call("/v1/notify", {
        body,
        headers: { "content-type": "application/x-ndjson" },
      });
      expectStatus(answer, 200, 202);
      return answer.text.trim().split("\n").map((line) => JSON.parse(line));
    });
    return "lines";
  }

  /** Connect's unary call, as JSON. */
  async #call(one: Sent): Promise<string> {
    await this.#accepted([one], async () => {
      const { target, ...rest } = one;
      const body = { ...rest, ...target === null ? { everyone: true } : { target } };
      const path = "/tidings.v1.PublisherService/Notify";
      const answer = await this.#caller.call(path, {
        body: { ...body, data: JSON.stringify(one.data) },
        headers: { "content-type": "application/json" },
      });
      expectStatus(answer, 200);
      return [JSON.parse(answer.text)];
    });
    return "a call";
  }

  /** A newer one may replace it, so it is owed to nobody. */
  async #replaceable(one: Sent): Promise<string> {
    this.#ledger.sent.set(one.id, one.target);
    const body = { ...bodyOf(one), topic: `topic-${this.#count % 5}`, ttl: this.#count % 3 };
    expectStatus(await this.#caller.call("/v1/notify", { body }), 202);
    return "a replaceable one";
  }

  /** Resolves when it is due, so that it comes before the end of the load. */
  async #later(one: Sent): Promise<string> {
    this.scheduled++;
    await this.#accepted([one], async () => {
      const body = { ...bodyOf(one), at: new Date(Date.now() + LATER_MS).toISOString() };
      const answer = await this.#caller.call("/v1/notify", { body });
      expectStatus(answer, 202);
      return [JSON.parse(answer.text)];
    });
    await pause(2 * LATER_MS);
    return "a scheduled one";
  }

  async #cancelled(one: Sent): Promise<string> {
    this.scheduled++;
    const body = { ...bodyOf(one), at: new Date(Date.now() + FAR_MS).toISOString() };
    expectStatus(await this.#caller.call("/v1/notify", { body }), 202);
    expectStatus(await this.#caller.call(`/v1/notifications/${one.id}`, { method: "DELETE" }), 200, 204);
    return "a cancelled one";
  }

  /** Notes what was sent, and what of it was accepted. */
  async #accepted(
    all: readonly Sent[],
    publish: () => Promise<readonly { position?: string | null }[]>,
  ): Promise<void> {
    const sentAt = performance.now();
    for (const { id, target } of all) this.#ledger.sent.set(id, target);
    const receipts = await publish();
    const acceptedAt = performance.now();
    for (const [n, { id, target }] of all.entries()) {
      this.#ledger.accepted.push({ id, target, position: receipts[n]?.position ?? "", sentAt, acceptedAt });
    }
  }

  #some(random: () => number): Sent[] {
    return Array.from({ length: 1 + Math.floor(random() * MAX_BATCH) }, () => this.#one(random));
  }

  #one(random: () => number): Sent {
    const target = TARGETS[Math.floor(random() * (TARGETS.length + 1))] ?? null;
    return { id: `${this.#prefix}way-${this.#count++}`, target, data: "x".repeat(random() * 300) };
  }
}

function bodyOf({ target, ...rest }: Sent): Record<string, unknown> {
  return { ...rest, ...target === null ? { everyone: true } : { target } };
}
