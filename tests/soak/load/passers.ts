/** Tabs that stay for a moment, ack, mark and send messages, and leave: with a close, by a cut, or in silence. */

import { connect } from "../../../src/client/client.ts";
import { pause } from "../../chaos/load/subscriber.ts";
import { EventReader } from "../../end_to_end/event_reader.ts";
import { OPCODE, RawSocket } from "../../end_to_end/raw_socket.ts";
import { token } from "../../deploy/nodes.ts";
import { bearer, secondsFromNow } from "../../http/auth/signed_token.ts";
import type { Actor } from "./actor.ts";
import { type Caller, expectStatus } from "./caller.ts";

/** So many targets that hardly one comes twice in a wave. */
const TARGETS = 100_000;
const MAX_SILENT = 20, NORMAL_CLOSURE = new Uint8Array([3, 232]);
const EXPIRED = 4201;

export class Passers implements Actor {
  readonly name = "tabs that pass";
  readonly everyMs: number;
  readonly #port: number;
  readonly #caller: Caller;
  /** Those that neither send nor read anything any more. */
  readonly #silent: Disposable[] = [];

  constructor(port: number, { caller, perSecond }: { caller: Caller; perSecond: number }) {
    this.#port = port;
    this.#caller = caller;
    this.everyMs = 1_000 / perSecond;
  }

  act(random: () => number): Promise<string> {
    const target = `passer-${Math.floor(random() * TARGETS)}`,
      luck = random(),
      stayMs = 100 + random() * 2_000;
    if (luck < 0.15) return this.#sdk(target, stayMs);
    if (luck < 0.4) return this.#events(target, stayMs);
    if (luck < 0.45) return this.#expire(target);
    if (luck < 0.55) return this.#severalTabs(target, stayMs);
    return this.#socket(target, { stayMs, end: luck < 0.7 ? "close" : luck < 0.9 ? "cut" : "silence" });
  }

  leave(): Promise<void> {
    for (const socket of this.#silent.splice(0)) socket[Symbol.dispose]();
    return Promise.resolve();
  }

  async #socket(
    target: string,
    { stayMs, end }: { stayMs: number; end: "close" | "cut" | "silence" },
  ): Promise<string> {
    const jwt = await token(target);
    const socket = await RawSocket.connect(this.#port, "/v1/connect", bearer(jwt));
    await socket.messages(); // the welcome
    const id = crypto.randomUUID();
    expectStatus(await this.#caller.call("/v1/notify", { body: { target, data: "hello", id } }), 202);
    for (const message of answersTo(await receive(socket, id))) {
      await socket.send(OPCODE.text, JSON.stringify(message));
    }
    await pause(stayMs);
    if (end === "silence") this.#fallSilent(socket);
    else if (end === "close") {
      await socket.send(OPCODE.close, NORMAL_CLOSURE);
      await socket.closeCode();
    }
    if (end !== "silence") socket[Symbol.dispose]();
    return `left by ${end}`;
  }

  async #severalTabs(target: string, stayMs: number): Promise<string> {
    await Promise.all([
      this.#socket(target, { stayMs, end: "close" }),
      this.#socket(target, { stayMs: stayMs / 2, end: "cut" }),
      this.#events(target, stayMs),
    ]);
    return "left several tabs";
  }

  async #events(target: string, stayMs: number): Promise<string> {
    await using reader = await EventReader.open(this.#port, {}, bearer(await token(target)));
    const { connection } = await reader.welcome();
    const body = { connection, messages: [{ type: "message", data: { n: 1 } }, { type: "ping" }] };
    expectStatus(
      await this.#caller.call("/v1/received", { body, credential: await token(target) }),
      202,
      204,
    );
    await pause(stayMs);
    return "left an event stream";
  }

  async #sdk(target: string, stayMs: number): Promise<string> {
    const jwt = await token(target);
    const tidings = connect(`http://127.0.0.1:${this.#port}`, { token: () => jwt });
    await new Promise<void>((resolve, reject) => {
      tidings.addEventListener("state", ({ detail }) => detail.state === "open" && resolve());
      tidings.addEventListener("error", ({ detail }) => detail.final && reject(detail));
    });
    tidings.send({ n: 1 });
    await pause(stayMs);
    await tidings.close();
    return "left with the SDK";
  }

  /** Its token expires while it is connected. */
  async #expire(target: string): Promise<string> {
    const jwt = await token(target, { exp: secondsFromNow(1) });
    using socket = await RawSocket.connect(this.#port, "/v1/connect", bearer(jwt));
    const code = await socket.closeCode();
    if (code !== EXPIRED) throw new Error(`the token expired, and the close code was ${code}`);
    return "left with its token";
  }

  #fallSilent(socket: RawSocket): void {
    this.#silent.push(socket);
    if (this.#silent.length > MAX_SILENT) this.#silent.shift()?.[Symbol.dispose]();
  }
}

/** Resolves with the notification that has the id. Those for everyone may come before it. */
async function receive(socket: RawSocket, id: string): Promise<Record<string, unknown>> {
  for (let messages = await socket.messages(); messages !== null; messages = await socket.messages()) {
    const found = messages.find((message) => message.id === id);
    if (found !== undefined) return found;
  }
  throw new Error("the connection ended before the notification came");
}

/** What a tab sends after it has received a notification. */
function answersTo({ id, position }: Record<string, unknown>): unknown[] {
  return [
    { type: "ack", ids: [id] },
    { type: "read", positions: [position] },
    { type: "unread", positions: [position] },
    { type: "message", data: { n: 1 } },
  ];
}
