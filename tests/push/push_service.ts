/** A push service on loopback: checks VAPID, decrypts what it receives, and answers as a test wants. */

import { ReceivingChannel } from "../receiving_channel.ts";
import { BrowserKeys } from "./browser_keys.ts";
import { checkVapid, type VapidClaims } from "./vapid_check.ts";

/** A push that the service has authenticated and decrypted. */
export interface ReceivedPush {
  readonly endpoint: string;
  readonly headers: Headers;
  readonly vapid: VapidClaims;
  /** The length of the encrypted body in bytes. */
  readonly bytes: number;
  /** The text of the decrypted payload. */
  readonly payload: string;
}

/**
 * How an endpoint answers:
 *
 * - a status, or a response of the test's own
 * - `late`: 201, but not before `answerLate`
 * - `never`: no answer as long as the service runs
 * - `gigabyte`: 500 with a body of a gigabyte, which is sent as fast as it is read
 * - `redirect`: 307 to an endpoint that answers 201
 */
export type PushAnswer =
  | number
  | ((push: ReceivedPush) => Response | Promise<Response>)
  | "late"
  | "never"
  | "gigabyte"
  | "redirect";

/** The secrets of a subscription, as in `PushSubscription.toJSON()`. */
export interface TestSubscription {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface PushServiceOptions {
  readonly port?: number;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

interface Endpoint {
  readonly keys: BrowserKeys;
  answers: readonly PushAnswer[];
}

/** What real push services accept in a body (RFC 8030, section 7.2). */
const MAX_BODY_BYTES = 4096;
const GIGABYTE = 1024 ** 3;

export class PushService implements AsyncDisposable {
  /** The valid pushes in the order in which they arrived, whatever was answered. */
  readonly pushes = new ReceivingChannel<ReceivedPush>(100_000);
  /** Why requests were refused as invalid: VAPID, encryption or headers. */
  readonly refusals: string[] = [];
  /** The bytes that clients have read of a gigabyte, including what buffers on the way hold. */
  sentOfGigabyte = 0;
  /** The ports from which clients have connected. */
  readonly clientPorts = new Set<number>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #late = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #base: string;

  /**
   * @param options.port a free one by default
   * @param options.certificate serves over TLS, as `https://localhost`
   */
  constructor({ port = 0, certificate }: PushServiceOptions = {}) {
    this.#base = certificate === undefined ? "http://127.0.0.1" : "https://localhost";
    const options = { port, hostname: "127.0.0.1", onListen() {}, ...certificate };
    this.#server = Deno.serve(options, (request, { remoteAddr }) => {
      this.clientPorts.add(remoteAddr.port);
      return this.#receive(request);
    });
  }

  /** For example `http://127.0.0.1:43210`. */
  get origin(): string {
    return `${this.#base}:${this.#server.addr.port}`;
  }

  /** Subscribes a new browser. Its endpoint gives the answers one after the other, and the last one again and again. */
  subscribe(...answers: readonly PushAnswer[]): TestSubscription {
    const [keys, endpoint] = [new BrowserKeys(), `${this.origin}/push/${crypto.randomUUID()}`];
    this.#endpoints.set(endpoint, { keys, answers });
    return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
  }

  /** Changes how an endpoint answers from now on. */
  answer({ endpoint }: Pick<TestSubscription, "endpoint">, ...answers: readonly PushAnswer[]): void {
    const known = this.#endpoints.get(endpoint);
    if (known !== undefined) known.answers = answers;
  }

  /** Answers everything that waits, and all that come later, at once. */
  answerLate(): void {
    this.#late.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#late.resolve();
    this.#stopped.resolve();
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<Response> {
    const endpoint = this.#endpoints.get(request.url);
    const body = await request.bytes();
    if (endpoint === undefined) return new Response(null, { status: 404 });
    if (body.byteLength > MAX_BODY_BYTES) return new Response(null, { status: 413 });
    const push = await this.#open(request, { keys: endpoint.keys, body });
    if (push === null) return new Response(null, { status: 400 });
    const [answer = 201, ...others] = endpoint.answers;
    if (others.length > 0) endpoint.answers = others;
    this.pushes.trySend(push);
    return await this.#respond(answer, push);
  }

  async #open(
    { url, method, headers }: Request,
    { keys, body }: { keys: BrowserKeys; body: Uint8Array },
  ): Promise<ReceivedPush | null> {
    try {
      const reason = reasonAgainst(method, headers);
      if (reason !== null) throw new Error(reason);
      const vapid = await checkVapid(headers.get("authorization"), this.origin);
      return { endpoint: url, headers, vapid, bytes: body.byteLength, payload: keys.decrypt(body) };
    } catch (error) {
      this.refusals.push(String(error));
      return null;
    }
  }

  async #respond(answer: PushAnswer, push: ReceivedPush): Promise<Response> {
    if (typeof answer === "number") return new Response(null, { status: answer });
    if (typeof answer === "function") return await answer(push);
    switch (answer) {
      case "late":
        await this.#late.promise;
        return new Response(null, { status: 201 });
      case "never":
        await this.#stopped.promise;
        return new Response(null, { status: 503 });
      case "gigabyte":
        return new Response(this.#gigabyte(), { status: 500 });
      case "redirect":
        return new Response(null, { status: 307, headers: { location: this.subscribe().endpoint } });
    }
  }

  #gigabyte(): ReadableStream<Uint8Array> {
    const chunk = new Uint8Array(65_536);
    return new ReadableStream({
      pull: (controller) => {
        if (this.sentOfGigabyte >= GIGABYTE) return controller.close();
        controller.enqueue(chunk);
        this.sentOfGigabyte += chunk.byteLength;
      },
    });
  }
}

/** What RFC 8030, sections 5.2 to 5.4, and RFC 8291, section 4, require of the headers. */
function reasonAgainst(method: string, headers: Headers): string | null {
  if (method !== "POST") return `the method is ${method}`;
  if (!/^\d+$/.test(headers.get("ttl") ?? "")) return "TTL is no number";
  if (!/^[\w-]{1,32}$/.test(headers.get("topic") ?? "-")) {
    return "Topic is not base64url of at most 32 characters";
  }
  if (!/^(very-low|low|normal|high)$/.test(headers.get("urgency") ?? "low")) return "Urgency is unknown";
  return headers.get("content-encoding") === "aes128gcm" ? null : "the encoding is not aes128gcm";
}
