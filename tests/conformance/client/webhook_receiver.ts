/** An application that receives what the server posts, as Standard Webhooks describe it. */

import type { Body } from "./body.ts";
import { hmac } from "./token.ts";

/** A request that the server has posted. */
export interface Delivery {
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body & { readonly timestamp: string };
  /** When it came, in milliseconds. */
  readonly at: number;
}

/** What becomes of a delivery: the answer, or null for 204. */
type Responder = (attempt: number) => Response | null;

interface Listener {
  readonly respond: Responder;
  readonly deliveries: Delivery[];
  wake: () => void;
}

/** One server for all cases: each listens for the messages of its own target. */
export class WebhookReceiver implements AsyncDisposable {
  readonly #server: Deno.HttpServer;
  readonly #listeners = new Map<string, Listener>();

  constructor({ hostname, port }: URL) {
    const options = { hostname, port: Number(port || 80), onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#receive(request));
  }

  /** Begins to listen for what is posted about a target. The function resolves with the next of them. */
  listen(target: string, respond: Responder = () => null): () => Promise<Delivery> {
    const listener: Listener = { respond, deliveries: [], wake: () => {} };
    this.#listeners.set(target, listener);
    let taken = 0;
    return async () => {
      for (;;) {
        const delivery = listener.deliveries[taken];
        if (delivery !== undefined) {
          taken++;
          return delivery;
        }
        await new Promise<void>((resolve) => listener.wake = resolve);
      }
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<Response> {
    const text = await request.text();
    const body: Delivery["body"] = JSON.parse(text);
    const { target } = body.data as { target: string };
    const listener = this.#listeners.get(target);
    listener?.deliveries.push({ headers: request.headers, text, body, at: Date.now() });
    listener?.wake();
    return listener?.respond(listener.deliveries.length) ?? new Response(null, { status: 204 });
  }
}

/** The signature of Standard Webhooks: base64 of an HMAC-SHA256 over id, timestamp and body. */
export async function webhookSignature(
  { id, timestamp, text }: { id: string; timestamp: string; text: string },
  secret: string,
): Promise<string> {
  const key = Uint8Array.fromBase64(secret.replace(/^whsec_/, ""));
  return `v1,${(await hmac(`${id}.${timestamp}.${text}`, { key, hash: "SHA-256" })).toBase64()}`;
}
