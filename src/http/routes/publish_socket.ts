/** `GET /v1/publish`: upgrades the request of a publisher to a WebSocket. */

import type { Handler } from "hono";
import type { PublisherSockets } from "../../sources/socket/publisher_sockets.ts";
import { type Problem, unavailable } from "../../wire/problem.ts";
import { PUBLISH_SUBPROTOCOL } from "../../wire/publish_socket.ts";
import { type CorsDeps, requireAllowedOrigin, setCorsHeaders } from "../auth/cors.ts";
import { type AuthorizePublisher, noteKey } from "../auth/publisher.ts";
import { chooseSubprotocol } from "../subprotocol.ts";
import { refuseIfGone, refuseUnlessUpgrade, upgrade, type UpgradeOptions } from "../upgrade.ts";

export interface PublishSocketDeps extends CorsDeps {
  readonly authorize: AuthorizePublisher;
  readonly publishers: Pick<PublisherSockets, "admit" | "isFull">;
  readonly upgrades: UpgradeOptions["upgrades"];
  readonly isDraining: () => boolean;
  /** True while more connections could use up the memory of the process. */
  readonly isShortOfMemory: () => boolean;
}

/**
 * Refuses in this order: 403 (origin), 401, 403 (scope), 400, 503, 426. Pages send no preflight before they open a WebSocket, so the origin is
 * checked here, above all in development mode, where nobody needs a key.
 */
export function publishSocket(deps: PublishSocketDeps): Handler {
  return async function publishSocket(c) {
    setCorsHeaders(c, deps);
    requireAllowedOrigin(c, null, deps);
    const principal = deps.authorize(c.req.raw, "publish"), { name } = principal;
    noteKey(c.env, principal);
    const protocol = chooseSubprotocol(c, PUBLISH_SUBPROTOCOL);
    refuseIfClosed(deps);
    refuseUnlessUpgrade(c);
    const publisher = deps.publishers.admit(name);
    if (publisher === null) throw full(); // another isolate has just taken the last slot
    const { upgrades } = deps, onFailure = () => publisher.release();
    if (upgrades.hasLeaked) await refuseIfGone(c, { onFailure });
    const { socket, response } = upgrade(c, { protocol, onFailure, upgrades });
    publisher.attach(socket);
    return response;
  };
}

function refuseIfClosed({ publishers, isDraining, isShortOfMemory }: PublishSocketDeps): void {
  if (isDraining()) throw unavailable("this node is stopping");
  if (isShortOfMemory()) throw unavailable("this node is short of memory", { seconds: 5 });
  if (publishers.isFull) throw full();
}

function full(): Problem {
  return unavailable("this node is full of publishers' sockets", { seconds: 5 });
}
