/** Connect's unary calls: a POST with one message, answered with one message or a Connect error. */

import type { Context, Handler } from "hono";
import { publish, type PublishDeps, type Published } from "../../sources/publish.ts";
import { notifyManyResponse, notifyResponse } from "../../sources/rpc/answer_writer.ts";
import { notifyJson, notifyManyJson } from "../../sources/rpc/json_request.ts";
import { readNotifyManyRequest, readNotifyRequest } from "../../sources/rpc/request_reader.ts";
import type { Quotas } from "../../quota/quotas.ts";
import type { Problem } from "../../wire/problem.ts";
import { type AuthorizePublisher, noteKey } from "../auth/publisher.ts";
import type { BodyReader } from "../body_reader.ts";
import { parseIdempotencyKey } from "../idempotency_key.ts";
import { readTraceContext } from "../read_trace_context.ts";
import { connectErrorResponse } from "./rpc_errors.ts";

/** A unary method: how its two encodings become the JSON text that is published, and how it answers. */
export interface UnaryMethod {
  fromJson(text: string): string;
  fromBinary(bytes: Uint8Array): string;
  toBinary(published: Published): Uint8Array<ArrayBuffer>;
}

/** By the name of the method. */
export const UNARY_METHODS: ReadonlyMap<string, UnaryMethod> = new Map([
  ["Notify", { fromJson: notifyJson, fromBinary: readNotifyRequest, toBinary: notifyResponse }],
  ["NotifyMany", {
    fromJson: notifyManyJson,
    fromBinary: readNotifyManyRequest,
    toBinary: notifyManyResponse,
  }],
]);

export interface ConnectUnaryDeps {
  readonly intake: PublishDeps;
  readonly bodies: Pick<BodyReader, "read" | "readBytes">;
  readonly authorize: AuthorizePublisher;
  readonly quotas: Pick<Quotas, "keys">;
  /** Counts and logs what was thrown, and returns the problem for the publisher. */
  readonly refuse: (error: unknown, c: Context) => Problem;
  /** The limit of a message. */
  readonly maxBytes: number;
}

const PROTO = { headers: { "content-type": "application/proto" } };
const JSON_ANSWER = { headers: { "content-type": "application/json" } };

/** Answers Connect's own calls of a method, in 110 µs less than Connect's handler, of 40 µs in all. */
export function connectUnary(
  method: UnaryMethod,
  { intake, bodies, authorize, quotas, refuse, maxBytes, others }: ConnectUnaryDeps & {
    readonly others: Handler;
  },
): Handler {
  return async function connectUnary(c, next) {
    const request = c.req.raw, { headers } = request, type = headers.get("content-type") ?? "";
    const isProto = type === "application/proto";
    if (!isProto && !isJson(type)) return await others(c, next);
    try {
      const principal = authorize(request, "publish"), { name } = principal;
      noteKey(c.env, principal);
      const allowance = quotas.keys?.of(name) ?? null;
      allowance?.requireNotifications();
      const limits = { maxBytes, caller: "publisher", owner: name } as const;
      const json = isProto
        ? method.fromBinary(await bodies.readBytes(request, limits))
        : method.fromJson(await bodies.read(request, limits));
      const key = parseIdempotencyKey(headers.get("idempotency-key") ?? undefined);
      const trace = readTraceContext(headers);
      const published = await publish({ json, key, allowance, trace }, intake);
      return isProto
        ? new Response(method.toBinary(published), PROTO)
        : new Response(JSON.stringify(published.answer), JSON_ANSWER);
    } catch (error) {
      return connectErrorResponse(refuse(error, c));
    }
  };
}

function isJson(contentType: string): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType);
}
