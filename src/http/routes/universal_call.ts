/** Answers the calls that a universal handler of Connect understands: streams, and unary calls of gRPC-Web. */

import { createContextValues } from "@connectrpc/connect";
import { type UniversalHandler, universalServerResponseToFetch } from "@connectrpc/connect/protocol";
import type { Context, Handler } from "hono";
import { connectError } from "../../sources/rpc/connect_error.ts";
import { CALL } from "../../sources/rpc/publisher_service.ts";
import type { Allowance } from "../../quota/allowance.ts";
import type { Quotas } from "../../quota/quotas.ts";
import { Problem } from "../../wire/problem.ts";
import { type AuthorizePublisher, noteKey } from "../auth/publisher.ts";
import type { BodyReader } from "../body_reader.ts";
import type { BodyStream, BodyStreams } from "../body_streams.ts";
import { parseIdempotencyKey } from "../idempotency_key.ts";
import { grpcErrorResponse } from "./rpc_errors.ts";
import { answerUnquotable } from "./unquotable_error.ts";

export interface UniversalCallDeps {
  readonly bodies: Pick<BodyReader, "read" | "readBytes" | "turn">;
  readonly streams: BodyStreams;
  readonly authorize: AuthorizePublisher;
  readonly quotas: Pick<Quotas, "keys">;
  /** Counts and logs what was thrown, and returns the problem for the publisher. */
  readonly refuse: (error: unknown, c: Context) => Problem;
  /** The limit of a message. */
  readonly maxBytes: number;
}

const ENVELOPE_BYTES = 5; // around a message of gRPC-Web
const GRPC_WEB_TYPES = ["application/grpc-web+proto", "application/grpc-web+json"];
const UNARY_TYPES = ["application/proto", "application/json", ...GRPC_WEB_TYPES];
const STREAM_TYPES = ["application/connect+proto", "application/connect+json", ...GRPC_WEB_TYPES];
const NO_GRPC =
  "this server cannot send the trailers of gRPC, which Envoy in front of it can (see deploy/RPC.md)";

/** The key is checked when the handler begins to read the body, so that it can answer in the form of the protocol. */
export function universalCall(
  handler: UniversalHandler,
  { streams, bodies, authorize, quotas, refuse, maxBytes }: UniversalCallDeps,
): Handler {
  const isStream = handler.method.methodKind === "bidi_streaming";
  const limits = { maxBytes: maxBytes + ENVELOPE_BYTES, caller: "publisher" } as const;
  return async function universalCall(c) {
    const request = c.req.raw, type = request.headers.get("content-type") ?? "";
    if (isGrpc(type)) return grpcErrorResponse(refuse(unsupportedType(NO_GRPC, isStream), c));
    if (!handler.supportedContentType(type)) throw unsupportedType(`it is "${type}"`, isStream);
    let stream: BodyStream | undefined, allowance: Allowance | null = null, owner = "";
    const close = () => stream?.[Symbol.dispose]();
    async function* body(): AsyncGenerator<Uint8Array> {
      try {
        const principal = authorize(request, "publish");
        owner = principal.name;
        noteKey(c.env, principal);
        allowance = quotas.keys?.of(owner) ?? null;
        if (!isStream) return yield await bodies.readBytes(request, { ...limits, owner });
        stream = streams.open(request, owner);
        yield* stream.chunks();
      } catch (error) {
        throw connectError(refuse(error, c));
      } finally {
        close();
      }
    }
    request.signal.addEventListener("abort", close, { once: true });
    const handle = () =>
      handler({
        httpVersion: "", // the handler would refuse streams over HTTP/1.1, which Deno can answer while they go on
        method: request.method,
        url: request.url,
        header: request.headers,
        body: body(),
        signal: request.signal,
        contextValues: createContextValues().set(CALL, {
          key: () => parseIdempotencyKey(c.req.header("idempotency-key")),
          refuse: (error) => refuse(error, c),
          progress: () => stream?.progress(),
          turn: () => bodies.turn(owner),
          allowance: () => allowance,
        }),
      });
    const response = await answerUnquotable(type, handle);
    // The handler knows the type grpc-web-text, and answers it without a word.
    if (response.status === 415) throw unsupportedType(`it is "${type}"`, isStream);
    return universalServerResponseToFetch(response);
  };
}

/** gRPC as such, unlike gRPC-Web. */
function isGrpc(contentType: string): boolean {
  return /^application\/grpc(\+|;|$)/i.test(contentType);
}

/** Connect has a server name the types that it supports. */
function unsupportedType(reason: string, isStream: boolean): Problem {
  const types = (isStream ? STREAM_TYPES : UNARY_TYPES).join(", ");
  return new Problem("unsupported-type", `Content-Type: ${reason}; send ${types}`, {
    headers: { "accept-post": types },
  });
}
