/** `GET /v1/connect`: decides who may connect before the upgrade to a WebSocket. */

import type { Context, Handler } from "hono";
import type { Admission, Seat } from "../hub/admission.ts";
import { isPosition, type Position } from "../journal/position.ts";
import { Problem } from "../problem.ts";
import { type Credential, credentialOf, SUBPROTOCOL, subprotocolsOf } from "./credential.ts";
import type { JudgeOrigin } from "./origin.ts";
import type { Identify, Subscriber } from "./subscriber.ts";

/** What the route is made of. */
export interface ConnectParts {
  readonly admission: Admission;
  readonly isOriginAllowed: JudgeOrigin;
  readonly identify: Identify;
  readonly isDraining: () => boolean;
  /** Takes over the socket. `after` is where the stream goes on; null: with what is new. */
  readonly attend: (socket: WebSocket, admitted: Subscriber & { after: Position | null; seat: Seat }) => void;
}

const IDLE_SECONDS = 60; // Deno pings after half of it, and many proxies give up a line that is silent for 60

/** Refuses in this order: 503, 403, 401, 400, 429, 426. */
export function connect(parts: ConnectParts): Handler {
  const { admission, identify, attend } = parts;
  return async function connect(c) {
    letPagesRead(c, parts);
    refuseIfClosed(parts);
    const credential = credentialOf(c);
    refuseOrigin(c, credential, parts);
    const subscriber = await identify(c, credential);
    const after = afterOf(c);
    const protocol = protocolOf(c);
    refuseIfClosed(parts); // again, for verifying a token may have taken a while
    refuseIfFullFor(subscriber.target, admission);
    refuseUnlessUpgrade(c);
    const seat = admission.reserve(subscriber.target); // no await since it was asked whether there is one
    const { socket, response } = await upgraded(c, { seat, protocol });
    attend(socket, { ...subscriber, after, seat });
    return response;
  };
}

/** A browser cannot see why an upgrade was refused. A page that may connect may ask with fetch, and read why. */
function letPagesRead(c: Context, { isOriginAllowed }: ConnectParts): void {
  const origin = c.req.header("origin");
  if (origin === undefined || !isOriginAllowed(origin, c.req.header("host") ?? "")) return;
  c.header("access-control-allow-origin", origin);
  c.header("access-control-allow-credentials", "true");
  c.header("vary", "origin");
}

/** `OPTIONS`: a browser asks whether a page may fetch with a token. */
export function preflight(parts: ConnectParts): Handler {
  return function preflight(c) {
    letPagesRead(c, parts);
    refuseOrigin(c, null, parts);
    c.header("access-control-allow-headers", "authorization");
    return c.body(null, 204);
  };
}

function refuseIfClosed({ admission, isDraining }: ConnectParts): void {
  if (isDraining()) {
    throw new Problem("unavailable", "this node is stopping", { headers: { "retry-after": "1" } });
  }
  if (admission.isFull) {
    throw new Problem("unavailable", "this node is full", { headers: { "retry-after": "5" } });
  }
}

function refuseIfFullFor(target: string, admission: Admission): void {
  if (!admission.isFullFor(target)) return;
  const headers = { "retry-after": "5" };
  throw new Problem("too-many-connections", `${target} has as many connections as it may have`, { headers });
}

/** Browsers send a cookie whatever page asks: it only counts when the page is known. */
function refuseOrigin(c: Context, credential: Credential | null, { isOriginAllowed }: ConnectParts): void {
  const origin = c.req.header("origin");
  if (origin === undefined && credential?.from !== "cookie") return;
  if (origin !== undefined && isOriginAllowed(origin, c.req.header("host") ?? "")) return;
  throw new Problem(
    "origin-not-allowed",
    origin === undefined ? "a cookie needs an Origin" : `${origin} is not allowed`,
  );
}

function afterOf(c: Context): Position | null {
  const after = c.req.query("after");
  if (after === undefined || isPosition(after)) return after ?? null;
  throw new Problem("bad-request", "after: not a position");
}

/** The subprotocol to answer with; none if none was offered. */
function protocolOf(c: Context): string | undefined {
  const offered = subprotocolsOf(c);
  if (offered.length === 0 || offered.includes(SUBPROTOCOL)) {
    return offered.length === 0 ? undefined : SUBPROTOCOL;
  }
  throw new Problem("bad-request", `of the subprotocols offered, one must be ${SUBPROTOCOL}`);
}

function refuseUnlessUpgrade(c: Context): void {
  if (c.req.header("upgrade")?.toLowerCase() === "websocket") return;
  const headers = { upgrade: "websocket", connection: "upgrade" };
  throw new Problem("upgrade-required", "everything else is right: now ask for an upgrade", { headers });
}

async function upgraded(c: Context, { seat, protocol }: { seat: Seat; protocol: string | undefined }) {
  try {
    await seat.followed;
    return Deno.upgradeWebSocket(c.req.raw, {
      idleTimeout: IDLE_SECONDS,
      ...(protocol !== undefined && { protocol }),
    });
  } catch (cause) {
    seat.free();
    if (cause instanceof TypeError) throw new Problem("bad-request", cause.message, { cause }); // a header is missing
    throw new Problem("unavailable", "the journal cannot be followed", {
      headers: { "retry-after": "1" },
      cause,
    });
  }
}
