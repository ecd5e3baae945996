/** `GET /v1/connect`: upgrades an admitted request to a WebSocket. */

import type { Context, Handler } from "hono";
import type { Slot } from "../../connection/admission.ts";
import type { Sessions } from "../../connection/sessions.ts";
import { Problem } from "../../wire/problem.ts";
import { type AdmitDeps, refuseIfFull, reserveSlot, type SubscriberEnv } from "../auth/admit.ts";
import { parseSubprotocols, SUBPROTOCOL } from "../auth/credential.ts";
import { parseList } from "../header_list.ts";
import { parseAfter } from "../position_param.ts";

export interface ConnectDeps extends AdmitDeps {
  readonly sessions: Pick<Sessions, "attach">;
}

const WEBSOCKET_VERSION = "13"; // the only version (RFC 6455, section 4.1)
const IDLE_SECONDS = 44; // Deno pings after half of it: before proxies and carriers that allow 30 s of silence give up

/** Behind `requireNewSubscriber`, refuses in this order: 400, 503, 429, 426. */
export function connect(deps: ConnectDeps): Handler<SubscriberEnv> {
  return async function connect(c) {
    const subscriber = c.get("subscriber");
    const after = parseAfter(c.req.query("after"));
    const protocol = chooseSubprotocol(c);
    refuseIfFull(subscriber, deps);
    refuseUnlessUpgrade(c);
    const slot = await reserveSlot(subscriber, deps);
    const { socket, response } = upgrade(c, { slot, protocol });
    deps.sessions.attach(socket, { ...subscriber, after, slot });
    return response;
  };
}

/** The subprotocol of the response. Undefined if the request offers none. */
function chooseSubprotocol(c: Context): string | undefined {
  const offered = parseSubprotocols(c);
  if (offered.length === 0) return undefined;
  if (offered.includes(SUBPROTOCOL)) return SUBPROTOCOL;
  throw new Problem("bad-request", `the offered subprotocols must include ${SUBPROTOCOL}`);
}

/** RFC 6455, section 4.2. Deno does not check the version. The Upgrade header is a list. */
function refuseUnlessUpgrade(c: Context): void {
  const protocols = parseList(c.req.header("upgrade")?.toLowerCase());
  const version = c.req.header("sec-websocket-version");
  if (protocols.includes("websocket") && version === WEBSOCKET_VERSION) return;
  const headers = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": WEBSOCKET_VERSION };
  throw new Problem(
    "upgrade-required",
    `this request would be admitted, but it must be an upgrade to a WebSocket, version ${WEBSOCKET_VERSION}`,
    { headers },
  );
}

function upgrade(
  c: Context,
  { slot, protocol }: { slot: Slot; protocol: string | undefined },
): Deno.WebSocketUpgrade {
  const isList = c.req.header("upgrade")?.includes(",") ?? false;
  if (isList || protocol !== undefined) normalizeHeaders(c.req.raw, protocol);
  try {
    const upgraded = Deno.upgradeWebSocket(c.req.raw, {
      idleTimeout: IDLE_SECONDS,
      ...(protocol !== undefined && { protocol }),
    });
    if (isList) upgraded.socket.addEventListener("error", () => slot.release());
    return upgraded;
  } catch (cause) {
    slot.release();
    if (!(cause instanceof TypeError)) throw cause;
    throw new Problem("bad-request", cause.message, { cause }); // a header is missing
  }
}

/**
 * Gives the request headers that Deno understands; it would not upgrade a copy of the request. Deno splits the offered
 * subprotocols at `, ` only, although the space is optional. If a request has two lines `Upgrade: h2c` and
 * `Upgrade: websocket`, Deno cannot open the socket, which fires `error` and no `close`, and then an exception that
 * nobody can catch ends the process, unless all headers were read before.
 */
function normalizeHeaders(request: Request, protocol: string | undefined): void {
  const headers = new Headers(request.headers);
  if (protocol !== undefined) headers.set("sec-websocket-protocol", protocol);
  Object.defineProperty(request, "headers", { value: headers });
}
