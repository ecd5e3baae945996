/** Admission of subscribers: the middleware of their routes, and the slot that a new connection takes. */

import type { Context, MiddlewareHandler } from "hono";
import type { Admission, Slot } from "../../connection/admission.ts";
import type { Quotas } from "../../quota/quotas.ts";
import { Problem, unavailable } from "../../wire/problem.ts";
import type { HeadEnv } from "../answer_head.ts";
import { type CorsDeps, requireAllowedOrigin, setCorsHeaders } from "./cors.ts";
import { findCredential } from "./credential.ts";
import type { Identify, Subscriber } from "./subscriber.ts";

/** What the middleware, and Deno, add to the context of a handler. */
export interface SubscriberEnv {
  readonly Bindings: Pick<Deno.ServeHandlerInfo, "completed"> & HeadEnv["Bindings"];
  readonly Variables: { readonly subscriber: Subscriber };
}

/** The collaborators that identify a subscriber. */
export interface SubscriberDeps extends CorsDeps {
  readonly identify: Identify;
}

/** The collaborators that admit a new connection. */
export interface AdmitDeps extends SubscriberDeps {
  readonly admission: Admission;
  readonly isDraining: () => boolean;
  /** False while the journal is known to be unavailable. Such a node accepts no connection; another node may. */
  readonly isReachable: () => boolean;
  /** True while more connections could use up the memory of the process. */
  readonly isShortOfMemory: () => boolean;
  readonly quotas: Pick<Quotas, "connections">;
}

/** Middleware of routes for subscribers. It refuses with 403, 401 or 400, in this order. */
export function requireSubscriber(deps: SubscriberDeps): MiddlewareHandler<SubscriberEnv> {
  return async function requireSubscriber(c, next) {
    setCorsHeaders(c, deps);
    c.set("subscriber", await identify(c, deps));
    await next();
  };
}

/** Middleware of routes that open a connection. It refuses with 503, 403, 401 or 400, in this order. */
export function requireNewSubscriber(deps: AdmitDeps): MiddlewareHandler<SubscriberEnv> {
  return async function requireNewSubscriber(c, next) {
    setCorsHeaders(c, deps);
    refuseIfClosed(deps);
    c.set("subscriber", await identify(c, deps));
    await next();
  };
}

/** Refuses with 503, because the node may have changed while the token was verified, or with 429. */
export function refuseIfFull({ target }: Subscriber, deps: AdmitDeps): void {
  refuseIfClosed(deps);
  if (deps.admission.isFullFor(target)) throw tooManyConnections(target);
  deps.quotas.connections?.require();
}

/**
 * Reserves a slot, and resolves when the journal follows the target. Refuses with 503, and with 429 if it turns out that
 * the target has its connections elsewhere. The reservation is synchronous, so between {@linkcode refuseIfFull} and this
 * call, only another isolate can take the slot.
 */
export async function reserveSlot({ target }: Subscriber, { admission, quotas }: AdmitDeps): Promise<Slot> {
  const slot = reserve(target, admission);
  quotas.connections?.take();
  try {
    await slot.followed;
  } catch (cause) {
    slot.release();
    throw unavailable("the journal cannot be followed", { cause });
  }
  if (slot.isOver === null || !await slot.isOver) return slot;
  slot.release();
  throw tooManyConnections(target);
}

/** Refuses with 503 if another isolate has taken the last slot since {@linkcode refuseIfFull}. */
function reserve(target: string, admission: Admission): Slot {
  try {
    return admission.reserve(target);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw full();
  }
}

function full(): Problem {
  return unavailable("this node is full", { seconds: 5 });
}

function tooManyConnections(target: string): Problem {
  const message = `${target} has reached its maximum number of connections`;
  return new Problem("too-many-connections", message, { headers: { "retry-after": "5" } });
}

async function identify(c: Context, deps: SubscriberDeps): Promise<Subscriber> {
  const credential = findCredential(c);
  requireAllowedOrigin(c, credential, deps);
  return await deps.identify(c, credential);
}

function refuseIfClosed({ admission, isDraining, isReachable, isShortOfMemory }: AdmitDeps): void {
  if (isDraining()) throw unavailable("this node is stopping");
  if (!isReachable()) throw unavailable("the journal cannot be reached");
  if (isShortOfMemory()) throw unavailable("this node is short of memory", { seconds: 5 });
  if (admission.slots.isFull) throw full();
}
