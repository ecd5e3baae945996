/** Tabs that stop reading while megabytes are published to them, and then want everything. */

import { pause } from "../../chaos/load/subscriber.ts";
import { token } from "../../deploy/nodes.ts";
import { RawSocket } from "../../end_to_end/raw_socket.ts";
import { bearer, secondsFromNow } from "../../http/auth/signed_token.ts";
import type { Actor } from "./actor.ts";
import { type Caller, expectStatus } from "./caller.ts";

/** Of 60 kB each: more than the buffers of two kernels take, so that the node has to wait for the tab. */
const COUNT = 120, PER_REQUEST = 10;
const MIN_EVERY_MS = 5_000;
const DATA = "x".repeat(60_000);

export class Stallers implements Actor {
  readonly name = "tabs that stall";
  readonly everyMs: number;
  readonly #port: number;
  readonly #caller: Caller;
  readonly #maxStallMs: number;

  constructor(port: number, { caller, maxStallMs }: { caller: Caller; maxStallMs: number }) {
    this.#port = port;
    this.#caller = caller;
    this.#maxStallMs = maxStallMs;
    this.everyMs = Math.max(MIN_EVERY_MS, maxStallMs / 2);
  }

  async act(random: () => number): Promise<string> {
    const target = `staller-${Math.floor(random() * 1_000_000)}`;
    const jwt = await token(target, { exp: secondsFromNow(600) });
    let socket = await RawSocket.connect(this.#port, "/v1/connect", bearer(jwt));
    let position = `${(await socket.messages())?.[0]?.position}`;
    const ids = await this.#publish(target);
    await pause(random() * this.#maxStallMs);
    const received: unknown[] = [];
    let connections = 1;
    while (received.length < ids.length) {
      const messages = await socket.messages();
      for (const message of messages ?? []) {
        if (message.type === "notification" && `${message.id}`.startsWith(target)) received.push(message.id); // not everyone's
        else if (message.type === "missed" || message.recovered === false) {
          throw new Error(`it has missed something`);
        }
        if (typeof message.position === "string") position = message.position;
      }
      if (messages !== null) continue;
      socket[Symbol.dispose](); // the node has given it up
      socket = await RawSocket.connect(this.#port, `/v1/connect?after=${position}`, bearer(jwt));
      connections++;
    }
    socket[Symbol.dispose]();
    if (received.join() !== ids.join()) {
      throw new Error("it has received something twice, or in another order");
    }
    return connections === 1 ? "caught up" : "was given up, and caught up";
  }

  async #publish(target: string): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < COUNT; n += PER_REQUEST) {
      const body = Array.from(
        { length: PER_REQUEST },
        (_, k) => ({ target, id: `${target}-${n + k}`, data: DATA }),
      );
      expectStatus(await this.#caller.call("/v1/notify", { body }), 202);
      ids.push(...body.map(({ id }) => id));
    }
    return ids;
  }
}
