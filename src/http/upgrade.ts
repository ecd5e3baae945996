/** Upgrades a request to a WebSocket: the only file that knows the oddities of Deno's upgrade. */

import type { Context } from "hono";
import { nextTurn } from "../async/next_turn.ts";
import { Problem } from "../wire/problem.ts";
import { parseList } from "./header_list.ts";
import type { PendingUpgrades } from "./pending_upgrades.ts";

const WEBSOCKET_VERSION = "13"; // the only version (RFC 6455, section 4.1)
const KEY = /^[A-Za-z0-9+/]{22}==$/; // 16 bytes in base64 (RFC 6455, section 4.2.1), which Deno does not check
const READ_BY_DENO = ["upgrade", "connection", "sec-websocket-key"]; // besides the offered subprotocols
const IDLE_SECONDS = 44; // Deno pings after half of it: before proxies and carriers that allow 30 s of silence give up

/** RFC 6455, section 4.2. Deno does not check the version. The Upgrade header is a list. */
export function refuseUnlessUpgrade(c: Context): void {
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

/**
 * Refuses a client that has gone, because its upgrade would cost a file. Deno knows two turns of the event loop after it
 * was asked for the signal; after one, it misses most.
 *
 * @throws {Problem} `bad-request`; `onFailure` is called before
 */
export async function refuseIfGone(
  { req: { raw: { signal } } }: Context,
  { onFailure }: Pick<UpgradeOptions, "onFailure">,
): Promise<void> {
  await nextTurn();
  await nextTurn();
  if (!signal.aborted) return;
  onFailure();
  throw new Problem("bad-request", "the client has gone before it was answered");
}

export interface UpgradeOptions {
  /** The subprotocol of the response. Undefined if the request offers none. */
  readonly protocol: string | undefined;
  /** Called if the socket will never open. No `close` follows then. */
  readonly onFailure: () => void;
  readonly upgrades: Pick<PendingUpgrades, "add" | "hasLeaked">;
}

/** @throws {Problem} `bad-request` if a header is missing or no key; `onFailure` is called before */
export function upgrade(
  c: Context,
  { protocol, onFailure, upgrades }: UpgradeOptions,
): Deno.WebSocketUpgrade {
  const key = c.req.header("sec-websocket-key");
  if (key !== undefined && !KEY.test(key)) {
    onFailure();
    throw new Problem("bad-request", "Sec-WebSocket-Key must be 16 bytes in base64");
  }
  const request = c.req.raw, isList = c.req.header("upgrade")?.includes(",") ?? false;
  if (isList || protocol !== undefined) normalizeHeaders(request, { protocol, readsAll: isList });
  try {
    const upgraded = Deno.upgradeWebSocket(request, {
      idleTimeout: IDLE_SECONDS,
      ...(protocol !== undefined && { protocol }),
    });
    if (isList) upgraded.socket.addEventListener("error", onFailure);
    upgrades.add(upgraded.socket);
    return upgraded;
  } catch (cause) {
    onFailure();
    if (!(cause instanceof TypeError)) throw cause;
    throw new Problem("bad-request", cause.message, { cause }); // a header is missing
  } finally {
    Reflect.deleteProperty(request, "headers"); // Deno keeps the request as long as its socket
  }
}

/**
 * Gives the request headers that Deno understands; it would not upgrade a copy of the request. Deno splits the offered
 * subprotocols at `, ` only, although the space is optional. Only what Deno looks for is read, because to read all headers
 * makes it keep them as long as the socket: 4 KB for those of a browser.
 *
 * If a request has two lines `Upgrade: h2c` and `Upgrade: websocket`, Deno cannot open the socket, which fires `error` and
 * no `close`, and then an exception that nobody can catch ends the process, unless all headers were read before.
 */
function normalizeHeaders(
  request: Request,
  { protocol, readsAll }: { protocol: string | undefined; readsAll: boolean },
): void {
  const headers = readsAll ? new Headers(request.headers) : pick(request.headers, READ_BY_DENO);
  if (protocol !== undefined) headers.set("sec-websocket-protocol", protocol);
  Object.defineProperty(request, "headers", { value: headers, configurable: true });
}

function pick(headers: Headers, names: readonly string[]): Headers {
  const picked = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
}
