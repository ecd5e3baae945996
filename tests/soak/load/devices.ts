/** Devices that subscribe to pushes, of which some are gone, slow or out of order, and unsubscribe. */

import { token } from "../../deploy/nodes.ts";
import type { PushAnswer, PushService } from "../../push/push_service.ts";
import { pause } from "../../chaos/load/subscriber.ts";
import type { Actor } from "./actor.ts";
import { type Caller, expectStatus } from "./caller.ts";

const SLOW_MS = 400, DUE_MS = 1_500;
const slow: PushAnswer = async () => {
  await pause(SLOW_MS);
  return new Response(null, { status: 201 });
};
/** What the push service answers to a device. */
const ANSWERS: readonly (readonly PushAnswer[])[] = [[201], [201], [410], [404], [503, 201], [slow], [400]];

export class Devices implements Actor {
  readonly name = "devices";
  readonly everyMs = 500;
  /** How many pushes were asked for. A node remembers for a day which of them are done. */
  pushes = 0;
  readonly #caller: Caller;
  readonly #service: PushService;

  constructor(caller: Caller, service: PushService) {
    this.#caller = caller;
    this.#service = service;
  }

  async act(random: () => number): Promise<string> {
    const target = `device-${Math.floor(random() * 1_000_000)}`, credential = await token(target);
    const answers = ANSWERS[Math.floor(random() * ANSWERS.length)] ?? [];
    const { endpoint, p256dh, auth } = this.#service.subscribe(...answers);
    const body = { endpoint, expirationTime: null, keys: { p256dh, auth } };
    const answer = await this.#caller.call("/v1/push/subscriptions", { body, credential });
    expectStatus(answer, 201);
    this.pushes++;
    const push = { after: 1, title: "Tidings" };
    expectStatus(await this.#caller.call("/v1/notify", { body: { target, data: "push", push } }), 202);
    await pause(DUE_MS + random() * SLOW_MS);
    for (const _ of this.#service.pushes.drain()) { /* so that they do not pile up here */ }
    const path = `/v1/push/subscriptions/${JSON.parse(answer.text).id}`;
    expectStatus(await this.#caller.call(path, { method: "DELETE", credential }), 204, 404);
    if (answers[0] === 503) {
      expectStatus(await this.#caller.call(`/v1/targets/${target}`, { method: "DELETE" }), 204);
    }
    return `answered ${typeof answers[0] === "number" ? answers[0] : "late"}`;
  }
}
