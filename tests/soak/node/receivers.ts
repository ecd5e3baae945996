/** The servers that a node sends to: a push service, and an application with both webhooks, which fail now and then. */

import { createRandom } from "../../random.ts";
import { Application, status } from "../../processor/webhook/application.ts";
import { freePort } from "../../nats/nats_server.ts";
import { PushService } from "../../push/push_service.ts";
import { pause } from "../../chaos/load/subscriber.ts";

const CERTIFICATES = new URL("../../nats/certificates/", import.meta.url);
/** The authority that the node has to trust. */
export const CA_FILE: string = new URL("ca.pem", CERTIFICATES).pathname;
const ATTEMPTS = 100, RETRY_MS = 200;
const FAILED = 0.1, SLOW = 0.1, SLOW_MS = 300;

/** Their ports stay the same when they are closed and opened again, as the node is configured with them. */
export class Receivers {
  readonly #ports = { push: freePort(), messages: freePort(), presence: freePort() };
  readonly #random: () => number;
  /** The targets that are online, as the application was told. */
  readonly online = new Set<string>();
  readonly counts = { messages: 0, presence: 0, refused: 0 };
  #open: { push: PushService; messages: Application; presence: Application } | undefined;
  #areKind = false;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  get urls(): Readonly<Record<"push" | "messages" | "presence", string>> {
    const { push, messages, presence } = this.#ports;
    return {
      push: `https://localhost:${push}`,
      messages: `http://127.0.0.1:${messages}/messages`,
      presence: `http://127.0.0.1:${presence}/presence`,
    };
  }

  get push(): PushService {
    if (this.#open === undefined) throw new Error("the receivers are closed");
    return this.#open.push;
  }

  async open(): Promise<void> {
    const { push, messages, presence } = this.#ports;
    const certificate = {
      cert: await Deno.readTextFile(new URL("server.pem", CERTIFICATES)),
      key: await Deno.readTextFile(new URL("server-key.pem", CERTIFICATES)),
    };
    this.#areKind = false;
    this.#open = {
      push: await listening(() => new PushService({ port: push, certificate })),
      messages: await listening(() =>
        new Application(() => this.#answer(() => this.counts.messages++), { port: messages })
      ),
      presence: await listening(() =>
        new Application(({ payload }) => this.#answer(() => this.#note(payload)), { port: presence })
      ),
    };
  }

  /** From now on, nothing fails. */
  beKind(): void {
    this.#areKind = true;
  }

  /** Closes them, and with them the connections that the node keeps to them. */
  async close(): Promise<void> {
    const { push, messages, presence } = this.#open ?? {};
    this.#open = undefined;
    await Promise.all([push, messages, presence].map((one) => one?.[Symbol.asyncDispose]()));
  }

  async #answer(take: () => void): Promise<Response> {
    const luck = this.#areKind ? 1 : this.#random();
    if (luck < FAILED) {
      this.counts.refused++;
      return status(500);
    }
    if (luck < FAILED + SLOW) await pause(SLOW_MS);
    take();
    return status(204);
  }

  #note(payload: unknown): void {
    const { type, data: { target } } = payload as { type: string; data: { target: string } };
    this.counts.presence++;
    if (type === "target.online") this.online.add(target);
    else this.online.delete(target);
  }
}

/** Tries again while, for a moment, an outgoing connection of another process uses the port. */
async function listening<S>(listen: () => S): Promise<S> {
  for (let attempt = 1;; attempt++) {
    try {
      return listen();
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || attempt === ATTEMPTS) throw error;
      await pause(RETRY_MS);
    }
  }
}
