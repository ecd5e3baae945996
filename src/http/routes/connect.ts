/** `GET /v1/connect`: upgrades to a WebSocket who may connect, and refuses everybody else before that. */

import type { Context, Handler } from "hono";
import type { Slot } from "../../connection/admission.ts";
import type { Sessions } from "../../connection/sessions.ts";
import { Problem } from "../../wire/problem.ts";
import {
  type AdmitDeps,
  authenticateSubscriber,
  parsePosition,
  refuseIfFull,
  reserveSlot,
} from "../auth/admit.ts";
import { SUBPROTOCOL, subprotocolsOf } from "../auth/credential.ts";

/** What the route is made of. */
export interface ConnectDeps extends AdmitDeps {
  readonly sessions: Pick<Sessions, "attach">;
}

const VERSION = "13"; // of the protocol, the only one there is
const IDLE_SECONDS = 60; // Deno pings after half of it, and many proxies give up a line that is silent for 60

/** Refuses in this order: 503, 403, 401, 400, 429, 426. */
export function connect(deps: ConnectDeps): Handler {
  return async function connect(c) {
    const subscriber = await authenticateSubscriber(c, deps);
    const after = parsePosition("after", c.req.query("after"));
    const protocol = protocolOf(c);
    refuseIfFull(subscriber, deps);
    refuseUnlessUpgrade(c);
    const slot = await reserveSlot(subscriber, deps);
    const { socket, response } = upgraded(c, { slot, protocol });
    deps.sessions.attach(socket, { ...subscriber, after, slot });
    return response;
  };
}

/** The subprotocol to answer with; none if none was offered. */
function protocolOf(c: Context): string | undefined {
  const offered = subprotocolsOf(c);
  if (offered.length === 0 || offered.includes(SUBPROTOCOL)) {
    return offered.length === 0 ? undefined : SUBPROTOCOL;
  }
  throw new Problem("bad-request", `of the subprotocols offered, one must be ${SUBPROTOCOL}`);
}

/** As RFC 6455 has it, section 4.2: Deno itself looks at neither the method nor the version. Upgrade is a list. */
function refuseUnlessUpgrade(c: Context): void {
  const protocols = c.req.header("upgrade")?.toLowerCase().split(/\s*,\s*/) ?? [];
  const isUpgrade = c.req.raw.method === "GET" && protocols.includes("websocket");
  if (isUpgrade && c.req.header("sec-websocket-version") === VERSION) return;
  const headers = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": VERSION };
  throw new Problem(
    "upgrade-required",
    `everything else is right: now ask for an upgrade to a WebSocket, version ${VERSION}`,
    { headers },
  );
}

function upgraded(
  c: Context,
  { slot, protocol }: { slot: Slot; protocol: string | undefined },
): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(c.req.raw, {
      idleTimeout: IDLE_SECONDS,
      ...(protocol !== undefined && { protocol }),
    });
  } catch (cause) {
    slot.release();
    if (!(cause instanceof TypeError)) throw cause;
    throw new Problem("bad-request", cause.message, { cause }); // a header is missing
  }
}
