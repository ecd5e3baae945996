/** Strangers: wrong keys and tokens from many addresses, bodies that do not fit, and a backend that asks too often. */

import { token } from "../../deploy/nodes.ts";
import { unsignedToken } from "../../http/auth/signed_token.ts";
import type { Actor } from "./actor.ts";
import { type Call, type Caller, expectStatus } from "./caller.ts";
import { GREEDY_KEY } from "../node/soaked_node.ts";

interface Offence {
  readonly path: string;
  readonly call: Call;
  readonly expected: readonly number[];
}

export class Strangers implements Actor {
  readonly name = "strangers";
  readonly everyMs = 100;
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async act(random: () => number): Promise<string> {
    const address = [203, 0, 1, 1].map((from) => from + Math.floor(random() * (255 - from))).join(".");
    const all = await offences(), { path, call, expected } = all[Math.floor(random() * all.length)] ?? all[0];
    const headers = { "x-forwarded-for": address, ...call.headers };
    return expectStatus(await this.#caller.call(path, { ...call, headers }), ...expected);
  }
}

async function offences(): Promise<readonly [Offence, ...Offence[]]> {
  const notify = "/v1/notify", body = { target: "nobody", data: 1 };
  const signature = "made-up", claims = { sub: "nobody" };
  return [
    { path: notify, call: { body, credential: `key ${crypto.randomUUID()}` }, expected: [401, 429] },
    { path: notify, call: { body, credential: null }, expected: [401] },
    {
      path: "/v1/events",
      call: { credential: unsignedToken(claims, { alg: "HS256", signature }) },
      expected: [401, 429],
    },
    { path: "/v1/inbox", call: { credential: await token("nobody", { exp: 1 }) }, expected: [401] },
    { path: "/v1/connect", call: { credential: await token("nobody") }, expected: [426] },
    { path: notify, call: { body: "{" }, expected: [400] },
    { path: notify, call: { body: { ...body, more: true } }, expected: [422] },
    { path: notify, call: { body: { ...body, data: "x".repeat(70_000) } }, expected: [413] },
    { path: `/${crypto.randomUUID()}`, call: {}, expected: [404] },
    { path: notify, call: { body, credential: GREEDY_KEY }, expected: [202, 429] },
    { path: notify, call: { method: "PUT", body }, expected: [405] },
  ];
}
