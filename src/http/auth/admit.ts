/** Admits subscribers: who may have a connection and, if not, the first reason why. The same for each transport. */

import type { Context } from "hono";
import type { Admission, Slot } from "../../connection/admission.ts";
import { isPosition, type Position } from "../../wire/position.ts";
import { Problem, unavailable } from "../../wire/problem.ts";
import { type CorsDeps, refuseOrigin, setCorsHeaders } from "./cors.ts";
import { credentialOf } from "./credential.ts";
import type { Identify, Subscriber } from "./subscriber.ts";

/** What it takes to know a subscriber. */
export interface IdentifyDeps extends CorsDeps {
  readonly identify: Identify;
}

/** And to let one in. */
export interface AdmitDeps extends IdentifyDeps {
  readonly admission: Admission;
  readonly isDraining: () => boolean;
  /** The journal, as far as is known: without it, a node that others could be asked for takes nobody. */
  readonly isReachable: () => boolean;
}

/** Refuses with 403, 401 or 400, in this order. */
export async function identifySubscriber(c: Context, deps: IdentifyDeps): Promise<Subscriber> {
  setCorsHeaders(c, deps);
  return await identified(c, deps);
}

/** The same, and refuses with 503 before anything else. */
export async function authenticateSubscriber(c: Context, deps: AdmitDeps): Promise<Subscriber> {
  setCorsHeaders(c, deps);
  refuseIfClosed(deps);
  return await identified(c, deps);
}

/** Refuses a text that is there, but is no position, with 400. */
export function parsePosition(name: string, text: string | undefined): Position | null {
  if (text === undefined || isPosition(text)) return text ?? null;
  throw new Problem("bad-request", `${name}: not a position`);
}

/** Refuses with 503, for verifying a token may have taken a while, or 429. */
export function refuseIfFull({ target }: Subscriber, deps: AdmitDeps): void {
  refuseIfClosed(deps);
  if (!deps.admission.isFullFor(target)) return;
  const headers = { "retry-after": "5" };
  throw new Problem("too-many-connections", `${target} has as many connections as it may have`, { headers });
}

/** Reserves a slot at once, so that nobody can come between this and `refuseIfFull`. Refuses with 503. */
export async function reserveSlot({ target }: Subscriber, { admission }: AdmitDeps): Promise<Slot> {
  const slot = admission.reserve(target);
  try {
    await slot.followed;
    return slot;
  } catch (cause) {
    slot.release();
    throw unavailable("the journal cannot be followed", { cause });
  }
}

async function identified(c: Context, deps: IdentifyDeps): Promise<Subscriber> {
  const credential = credentialOf(c);
  refuseOrigin(c, credential, deps);
  return await deps.identify(c, credential);
}

function refuseIfClosed({ admission, isDraining, isReachable }: AdmitDeps): void {
  if (isDraining()) throw unavailable("this node is stopping");
  if (!isReachable()) throw unavailable("the journal cannot be reached");
  if (admission.slots.isFull) throw unavailable("this node is full", { seconds: 5 });
}
