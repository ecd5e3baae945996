/** An application with a message webhook: a real server that verifies signatures and answers as a test wants. */

import { Webhook } from "standardwebhooks";
import { ReceivingChannel } from "../../receiving_channel.ts";
import type { Endpoint } from "../../../src/processor/webhook/attempt.ts";

export const SECRET = new Uint8Array(32).map((_, index) => index * 7);

/** A request whose signature was verified. */
export interface Posted {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly payload: unknown;
}

/** Null: the application does not answer as long as it runs. */
export type Answer = (posted: Posted) => Response | null | Promise<Response | null>;

export class Application implements AsyncDisposable {
  /** The requests in the order in which they arrived. */
  readonly posted = new ReceivingChannel<Posted>(10_000);
  readonly #stopped = Promise.withResolvers<void>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param options.port a free one by default */
  constructor(answer: Answer, { port = 0 }: { port?: number } = {}) {
    const webhook = new Webhook(`whsec_${SECRET.toBase64()}`);
    this.#server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, async (request) => {
      const body = await request.text();
      // A wrong signature throws, and the server then answers 500.
      const payload = webhook.verify(body, Object.fromEntries(request.headers));
      const posted = { method: request.method, headers: request.headers, body, payload };
      this.posted.trySend(posted);
      return await answer(posted) ?? this.#stopped.promise.then(() => new Response());
    });
  }

  get endpoint(): Endpoint {
    return { url: `http://127.0.0.1:${this.#server.addr.port}/messages?token=hunter2`, secrets: [SECRET] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.resolve();
    await this.#server.shutdown();
  }
}

/** A response without a body. */
export function status(code: number, headers: HeadersInit = {}): Response {
  return new Response(null, { status: code, headers });
}
