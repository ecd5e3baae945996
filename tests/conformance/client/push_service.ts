/** A push service (RFC 8030) for the pushes of a server in development mode, and the browsers that subscribe there. */

import { base64url } from "./token.ts";

/** A push that the server has sent to a device. */
export interface Push {
  readonly headers: Headers;
  readonly size: number;
}

/** What a browser's PushSubscription.toJSON() returns. */
export interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export class PushService implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #pushes = new Map<string, Push[]>();
  readonly #statuses = new Map<string, number[]>();
  #wake = () => {};

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#receive(request));
  }

  /** Makes a browser's subscription. Its pushes are answered with the statuses, one after the other, and then 201. */
  async subscription(...statuses: number[]): Promise<Subscription> {
    const path = `/${crypto.randomUUID()}`;
    this.#pushes.set(path, []);
    this.#statuses.set(path, statuses);
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const { publicKey } = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
    return {
      endpoint: `http://127.0.0.1:${this.#server.addr.port}${path}`,
      keys: {
        p256dh: base64url(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))),
        auth: base64url(crypto.getRandomValues(new Uint8Array(16))),
      },
    };
  }

  /** The pushes that a subscription has received. */
  pushesTo({ endpoint }: Subscription): readonly Push[] {
    return this.#pushes.get(new URL(endpoint).pathname) ?? [];
  }

  /** Resolves when a subscription has received so many pushes. */
  async received(subscription: Subscription, count = 1): Promise<readonly Push[]> {
    while (this.pushesTo(subscription).length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.pushesTo(subscription);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { size } = await request.blob();
    this.#pushes.get(pathname)?.push({ headers: request.headers, size });
    this.#wake();
    return new Response(null, { status: this.#statuses.get(pathname)?.shift() ?? 201 });
  }
}
