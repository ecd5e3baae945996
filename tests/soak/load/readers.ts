/** Readers: what an application and its pages ask for, and what they mark as read. */

import type { Ledger } from "../../chaos/load/ledger.ts";
import { TARGETS } from "../../chaos/load/outgoing.ts";
import { token } from "../../deploy/nodes.ts";
import type { Actor } from "./actor.ts";
import { type Caller, expectStatus } from "./caller.ts";

export class Readers implements Actor {
  readonly name = "readers";
  readonly everyMs = 250;
  readonly #caller: Caller;
  readonly #ledger: Ledger;

  constructor(caller: Caller, ledger: Ledger) {
    this.#caller = caller;
    this.#ledger = ledger;
  }

  async act(random: () => number): Promise<string> {
    const target = TARGETS[Math.floor(random() * TARGETS.length)] ?? "";
    const acts = [
      () => this.#inbox(target),
      () => this.#mark(target),
      () => this.#read(`/v1/targets/${target}`),
      () => this.#read(`/v1/targets/${target}/notifications`),
      () => this.#read("/v1/targets"),
      () => this.#report("reader"),
      () => this.#waitForAcks("reader"),
    ];
    return await acts[Math.floor(random() * acts.length)]?.() ?? "";
  }

  async #inbox(target: string): Promise<string> {
    expectStatus(await this.#caller.call("/v1/inbox", { credential: await token(target) }), 200);
    return "an inbox";
  }

  /** What the residents of the target have received last was read. */
  async #mark(target: string): Promise<string> {
    const last = this.#ledger.accepted.findLast((one) =>
      (one.target ?? target) === target && one.position !== ""
    );
    if (last === undefined) return "nothing to mark";
    const body = { through: last.position };
    expectStatus(await this.#caller.call(`/v1/targets/${target}/read`, { body }), 200);
    return "a mark";
  }

  async #read(path: string): Promise<string> {
    expectStatus(await this.#caller.call(path), 200);
    return "a list";
  }

  async #report(target: string): Promise<string> {
    const answer = await this.#caller.call("/v1/notify", { body: { target, data: "to be reported" } });
    expectStatus(answer, 202);
    expectStatus(await this.#caller.call(`/v1/notifications/${JSON.parse(answer.text).id}`), 200);
    return "a report";
  }

  /** Nobody acks, so the answer comes when the time is over. */
  async #waitForAcks(target: string): Promise<string> {
    const headers = { prefer: "wait=1" };
    expectStatus(
      await this.#caller.call("/v1/notify", { body: { target, data: "to be acked" }, headers }),
      200,
    );
    return "a wait for acks";
  }
}
