/** Responses with an error of Connect or gRPC. */

import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { connectError } from "../../sources/rpc/connect_error.ts";
import type { Problem } from "../../wire/problem.ts";

/** In characters. Clients of gRPC accept 8 KiB of headers in all, and a character of a message may become nine. */
const MAX_MESSAGE = 300, MAX_DETAILS = 4_096;

/** Connect's error, whose headers have the same for gRPC: the filters of deploy/proxy/envoy.yaml turn them into trailers. */
export function connectErrorResponse(problem: Problem): Response {
  const error = connectError(problem), headers = grpcHeaders(problem);
  headers.set("content-type", "application/json");
  return new Response(JSON.stringify(errorToJson(error, undefined)), {
    status: codeToHttpStatus(error.code),
    headers,
  });
}

/** A response of gRPC with nothing but an error, the only one that needs no trailers. */
export function grpcErrorResponse(problem: Problem): Response {
  const headers = grpcHeaders(problem);
  headers.set("content-type", "application/grpc");
  return new Response(null, { headers });
}

function grpcHeaders(problem: Problem): Headers {
  const headers = setTrailerStatus(new Headers(), connectError(problem));
  const details = headers.get("grpc-status-details-bin") ?? "";
  if (details.length > MAX_DETAILS) headers.delete("grpc-status-details-bin");
  headers.set("grpc-message", encodeMessage(problem.message.slice(0, MAX_MESSAGE)));
  return headers;
}

/** Encodes only what the protocol of gRPC asks for: @grpc/grpc-js would leave an encoded colon or slash as it is. */
function encodeMessage(message: string): string {
  return message.toWellFormed().replaceAll(/[^ -$&-~]+/g, encodeURIComponent);
}
