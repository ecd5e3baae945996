/** Operators: they revoke tokens, close connections, erase targets, and look at metrics and the console. */

import { token } from "../../deploy/nodes.ts";
import { OPCODE, RawSocket } from "../../end_to_end/raw_socket.ts";
import { bearer } from "../../http/auth/signed_token.ts";
import type { Actor } from "./actor.ts";
import { type Caller, expectStatus } from "./caller.ts";

const REVOKED = 4001, DISCONNECTED = 4003;

export class Operators implements Actor {
  readonly name = "operators";
  readonly everyMs = 600;
  /** Until when the node remembers each revocation, in milliseconds since 1970. */
  readonly revokedUntil: number[] = [];
  /** The number of targets that were erased. */
  erased = 0;
  readonly #port: number;
  readonly #caller: Caller;

  constructor(port: number, caller: Caller) {
    this.#port = port;
    this.#caller = caller;
  }

  async act(random: () => number): Promise<string> {
    const target = `operated-${Math.floor(random() * 1_000_000)}`;
    const acts = [
      () => this.#revoke(target, crypto.randomUUID()),
      () => this.#revoke(target),
      () => this.#disconnect(target),
      () => this.#erase(target),
      () => this.#watch(),
    ];
    return await acts[Math.floor(random() * acts.length)]?.() ?? "";
  }

  /** @param jti of the one token that is revoked; omitted: all of the target are */
  async #revoke(target: string, jti?: string): Promise<string> {
    const iat = Math.floor(Date.now() / 1_000) - 2;
    using socket = await this.#connect(target, { iat, ...jti !== undefined && { jti } });
    const expires_at = new Date(Date.now() + 1_000).toISOString();
    const body = jti === undefined ? { target, expires_at } : { jti, expires_at };
    const answer = await this.#caller.call("/v1/revocations", { body });
    expectStatus(answer, 200);
    this.revokedUntil.push(Date.parse(JSON.parse(answer.text).kept_until));
    return await closedWith(socket, REVOKED);
  }

  async #disconnect(target: string): Promise<string> {
    using socket = await this.#connect(target);
    expectStatus(await this.#caller.call(`/v1/targets/${target}/connections`, { method: "DELETE" }), 200);
    return await closedWith(socket, DISCONNECTED);
  }

  async #erase(target: string): Promise<string> {
    using socket = await this.#connect(target);
    const at = new Date(Date.now() + 600_000).toISOString();
    const body = [{ target, data: "to be erased", push: { after: 5 } }, { target, data: "later", at }];
    expectStatus(await this.#caller.call("/v1/notify", { body }), 202);
    await socket.send(OPCODE.text, JSON.stringify({ type: "message", data: "hello" }));
    socket[Symbol.dispose]();
    expectStatus(await this.#caller.call(`/v1/targets/${target}`, { method: "DELETE" }), 204);
    this.erased++;
    return "erased a target";
  }

  /** Opens the console's stream, and reads the first figures. */
  async #watch(): Promise<string> {
    expectStatus(await this.#caller.call("/metrics"), 200);
    const { body } = await this.#caller.open("/console/events");
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return "looked at the console";
  }

  async #connect(target: string, claims: Record<string, unknown> = {}): Promise<RawSocket> {
    const socket = await RawSocket.connect(this.#port, "/v1/connect", bearer(await token(target, claims)));
    await socket.messages();
    return socket;
  }
}

async function closedWith(socket: RawSocket, expected: number): Promise<string> {
  const code = await socket.closeCode();
  if (code === expected) return `closed with ${code}`;
  throw new Error(`expected to be closed with ${expected}, and not ${code}`);
}
