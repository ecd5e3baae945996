/** `POST /tidings.v1.PublisherService/…`: publishing by Connect and gRPC-Web, with the messages of publisher.proto. */

import type { Context, Hono } from "hono";
import type { PublishDeps } from "../../sources/publish.ts";
import { createPublisherRouter } from "../../sources/rpc/publisher_service.ts";
import type { Source } from "../../wire/source.ts";
import type { Keyring } from "../auth/keyring.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";
import { BodyStreams } from "../body_streams.ts";
import { recordRefusal, type RefusalDeps } from "../record_refusal.ts";
import { connectUnary, type ConnectUnaryDeps, UNARY_METHODS } from "./connect_unary.ts";
import { endedRequest } from "./refused_request.ts";
import type { RouteLimits } from "./route_limits.ts";
import { universalCall, type UniversalCallDeps } from "./universal_call.ts";

export interface RpcDeps extends RefusalDeps {
  readonly intakes: { from(source: Source): PublishDeps };
  readonly bodies: UniversalCallDeps["bodies"];
  readonly authorize: AuthorizePublisher;
  readonly keyring: Keyring;
  readonly limits: Pick<RouteLimits, "judge">;
  readonly quotas: ConnectUnaryDeps["quotas"];
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
}

const PATH = "/tidings.v1.PublisherService/";
const MAX_BYTES = 1024 * 1024;

/** Adds a route for each method of the service. */
export function addRpcRoutes(app: Hono, rpc: RpcDeps): void {
  const { intakes, bodies, authorize, keyring, limits, quotas, stopping } = rpc;
  const intake = intakes.from("rpc"), streams = new BodyStreams({ stopping });
  const refuse = (error: unknown, c: Context) =>
    recordRefusal(limits.judge(error, c), endedRequest(c, keyring), rpc);
  const deps = { intake, bodies, streams, authorize, quotas, refuse, maxBytes: MAX_BYTES };
  for (const handler of createPublisherRouter(intake).handlers) {
    const { name } = handler.method, method = UNARY_METHODS.get(name);
    const others = universalCall(handler, deps);
    app.post(PATH + name, method === undefined ? others : connectUnary(method, { ...deps, others }));
  }
}
