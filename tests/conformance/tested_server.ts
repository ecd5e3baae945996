/** The server that a case tests: requests, connections and names that no other case uses. */

import { CaseScope } from "./case_scope.ts";
import { Answer } from "./client/answer.ts";
import type { Body } from "./client/body.ts";
import { ByteStream } from "./client/byte_stream.ts";
import { EventStream } from "./client/event_stream.ts";
import { fail, present } from "./client/expect.ts";
import { requestHead, takeAnswer } from "./client/raw_http.ts";
import type { ConnectOptions, HeaderValues, RequestOptions } from "./client/request_options.ts";
import { RawWebSocket } from "./client/raw_websocket.ts";
import { Tab } from "./client/tab.ts";
import { type Claims, signToken } from "./client/token.ts";
import type { WebhookReceiver } from "./client/webhook_receiver.ts";
import type { Settings } from "./settings.ts";

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", // that of the example in RFC 6455, section 1.3
};

/** What listens where the server posts to. */
export interface Receivers {
  readonly webhook: WebhookReceiver | null;
  readonly presence: WebhookReceiver | null;
}

export class TestedServer extends CaseScope {
  constructor(readonly settings: Settings, private readonly receivers: Receivers) {
    super();
  }

  /** The application that receives the messages of browsers. */
  get application(): WebhookReceiver {
    return present(this.receivers.webhook, "the receiver of the webhook");
  }

  /** The application that is told which targets are online. */
  get presence(): WebhookReceiver {
    return present(this.receivers.presence, "the receiver of presence");
  }

  /** A name that is used nowhere else, for a target or an id. */
  name(prefix = "conformance"): string {
    return `${prefix}-${crypto.randomUUID()}`;
  }

  /** The path on the server, with the query. */
  path(path: string, query: Readonly<Record<string, string>> = {}): string {
    const text = new URLSearchParams(query).toString();
    const separator = path.includes("?") ? "&" : "?";
    return this.settings.url.pathname.replace(/\/$/, "") + path + (text === "" ? "" : separator + text);
  }

  /** A request of nobody in particular. */
  async request(path: string, { method = "GET", headers = {}, body }: RequestOptions = {}): Promise<Answer> {
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const init = { method, headers, redirect: "manual" as const, signal: this.signal };
    const content = isRaw ? body as string | Uint8Array<ArrayBuffer> | undefined : JSON.stringify(body);
    const response = await fetch(
      new URL(this.path(path), this.settings.url),
      content === undefined ? init : { ...init, body: content },
    );
    return new Answer(response.status, { headers: response.headers, bytes: await response.bytes() });
  }

  /** The header of a publisher's request; none in development mode. */
  get publisherHeaders(): Record<string, string> {
    return this.settings.key === null ? {} : { authorization: `Bearer ${this.settings.key}` };
  }

  /** A request of a publisher. */
  async publisher(path: string, { headers = {}, ...options }: RequestOptions = {}): Promise<Answer> {
    return await this.request(path, { ...options, headers: { ...this.publisherHeaders, ...headers } });
  }

  async notify(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return await this.publisher("/v1/notify", { method: "POST", body, headers });
  }

  /** Publishes, and fails unless it is accepted. */
  async accept(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Body> {
    return (await this.notify(body, headers)).is(202, "the answer to a notification").body;
  }

  /** A token of the target: signed here if there is a secret, and made by the server otherwise. */
  async token(target: string, claims: Claims = {}): Promise<string> {
    const { secret } = this.settings;
    const now = Math.floor(Date.now() / 1000);
    if (secret !== null) {
      return await signToken({ sub: target, iat: now, exp: now + 280, ...claims }, { secret });
    }
    const answer = await this.publisher("/v1/tokens", { method: "POST", body: { target, expires_in: 280 } });
    return answer.is(200, "the answer of /v1/tokens").body.token;
  }

  /** How a client identifies itself: by a token or, in development mode, by its name. */
  async credential(
    target: string,
  ): Promise<{ headers: Record<string, string>; query: Record<string, string> }> {
    if (this.settings.key === null) return { headers: {}, query: { target } };
    return { headers: { authorization: `Bearer ${await this.token(target)}` }, query: {} };
  }

  /** A request of a client of the target. */
  async client(
    target: string,
    path: string,
    { headers = {}, ...options }: RequestOptions = {},
  ): Promise<Answer> {
    const credential = await this.credential(target);
    const withQuery = Object.keys(credential.query).length === 0
      ? path
      : `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams(credential.query)}`;
    return await this.request(withQuery, { ...options, headers: { ...credential.headers, ...headers } });
  }

  /** A TCP or TLS connection, which is closed at the end of the case. */
  async open(): Promise<ByteStream> {
    return this.use(await ByteStream.connect(this.settings.url));
  }

  /** Sends a head as it is, and perhaps a body, and reads the answer. */
  async raw(
    path: string,
    { method = "GET", headers = {}, body = "" }: { method?: string; headers?: HeaderValues; body?: string } =
      {},
  ): Promise<Answer> {
    const stream = await this.open();
    const head = requestHead({ method, path: this.path(path), url: this.settings.url, headers });
    await stream.write(head + body);
    return await takeAnswer(stream, { method });
  }

  /** Asks for a WebSocket. Resolves with the answer if it is refused. */
  async upgrade(
    path: string,
    { query = {}, headers = {} }: ConnectOptions = {},
  ): Promise<RawWebSocket | Answer> {
    const stream = await this.open();
    const all = { ...UPGRADE, ...headers };
    await stream.write(requestHead({ path: this.path(path, query), url: this.settings.url, headers: all }));
    const answer = await takeAnswer(stream);
    return answer.status === 101 ? new RawWebSocket(stream, answer) : answer;
  }

  /** Opens a WebSocket. Fails if it is refused. */
  async socket(path: string, options: ConnectOptions = {}): Promise<RawWebSocket> {
    const socket = await this.upgrade(path, options);
    return socket instanceof RawWebSocket
      ? socket
      : fail(`the upgrade was refused: ${socket.status} ${socket.text.slice(0, 200)}`);
  }

  /** Opens a connection of the target, before its welcome. */
  async unwelcomed(target: string, { query = {}, headers = {} }: ConnectOptions = {}): Promise<RawWebSocket> {
    const credential = await this.credential(target);
    return await this.socket("/v1/connect", {
      query: { ...credential.query, ...query },
      headers: { ...credential.headers, ...headers },
    });
  }

  /** Opens a connection of the target, and takes the welcome. */
  async tab(target: string, query: Readonly<Record<string, string>> = {}): Promise<Tab> {
    return await Tab.welcomedOver(await this.unwelcomed(target, { query }));
  }

  /** Opens an event stream of the target, before its welcome. */
  async stream(
    target: string,
    { query = {}, headers = {} }: {
      query?: Readonly<Record<string, string>>;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<EventStream> {
    const credential = await this.credential(target);
    const url = new URL(this.path("/v1/events", { ...credential.query, ...query }), this.settings.url);
    const response = await fetch(url, {
      headers: { ...credential.headers, ...headers },
      signal: this.signal,
    });
    const answer = new Answer(response.status, { headers: response.headers, bytes: new Uint8Array() });
    if (response.status !== 200) fail(`the event stream was refused: ${await response.text()}`);
    const reader = response.body?.getReader();
    this.use({ [Symbol.asyncDispose]: async () => await reader?.cancel().catch(() => {}) }); // it was aborted
    return new EventStream(answer, async () => (await reader?.read())?.value ?? null);
  }

  /** Opens an event stream of the target, and takes the welcome. */
  async events(target: string, query: Readonly<Record<string, string>> = {}): Promise<EventStream> {
    return await (await this.stream(target, { query })).takeWelcome();
  }
}
