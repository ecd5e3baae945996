/** Fuzzes PublisherService: calls by Connect and gRPC-Web, over HTTP/1.1 and HTTP/2, with bodies that are nearly right. */

import * as fc from "fast-check";
import type { Bench, Part } from "../part.ts";
import { FuzzedService } from "../service/fuzzed_service.ts";
import { ALL_KEY } from "../service/secrets.ts";
import { Tally } from "../tally.ts";
import { fail } from "../violation.ts";
import { within } from "../within.ts";
import { checkRpcAnswer, type RpcAnswer } from "./rpc_answer_check.ts";
import { type RpcCall, rpcCalls } from "./rpc_call.ts";

const MAX_CALLS = 8;
const DEADLINE_MS = 60_000; // only what is broken takes that long

export const RPC: Part<readonly RpcCall[]> = {
  name: "rpc",
  journals: ["memory"], // the journal makes no difference here
  open: async () => new RpcBench(await FuzzedService.start("memory")),
};

class RpcBench implements Bench<readonly RpcCall[]> {
  readonly inputs = fc.array(rpcCalls, { minLength: 1, maxLength: MAX_CALLS });
  readonly tally = new Tally();
  readonly #service: FuzzedService;
  readonly #clients = {
    1: Deno.createHttpClient({ http2: false }),
    2: Deno.createHttpClient({ http1: false }),
  };

  constructor(service: FuzzedService) {
    this.#service = service;
  }

  async play(calls: readonly RpcCall[]): Promise<void> {
    for (const call of calls) {
      const late = () => fail(`there is no answer to ${call.method} as ${call.type}`);
      const answer = await within(DEADLINE_MS, { work: this.#send(call), late });
      this.tally.add(answer === null ? "cut" : checkRpcAnswer(answer, this.#service.secrets));
    }
    await this.#service.check();
  }

  async finish(): Promise<void> {
    await this.#service.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of Object.values(this.#clients)) client.close();
    await this.#service[Symbol.asyncDispose]();
  }

  /** Null if the server has cut the connection. */
  async #send({ method, type, headers, body, isHttp2, chunk }: RpcCall): Promise<RpcAnswer | null> {
    const all = new Headers([["authorization", `Bearer ${ALL_KEY}`], ["content-type", type]]);
    for (const [name, value] of headers) all.set(name, value);
    const bytes = Uint8Array.fromHex(body);
    try {
      const response = await fetch(
        `http://127.0.0.1:${this.#service.port}/tidings.v1.PublisherService/${method}`,
        {
          ...{ method: "POST", headers: all, client: this.#clients[isHttp2 ? 2 : 1] },
          body: bytes.length <= chunk ? bytes : streamOf(bytes, chunk),
        },
      );
      return { status: response.status, headers: response.headers, bytes: await response.bytes() };
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
}

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.slice(at, at += size));
      if (at >= bytes.length) controller.close();
    },
  });
}
