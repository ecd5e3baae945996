/** `GET /v1/connect`: upgrades an admitted request to a WebSocket. */

import type { Handler } from "hono";
import type { Sessions } from "../../connection/sessions.ts";
import { type AdmitDeps, refuseIfFull, reserveSlot, type SubscriberEnv } from "../auth/admit.ts";
import { SUBPROTOCOL } from "../auth/credential.ts";
import { parseAfter } from "../position_param.ts";
import { chooseSubprotocol } from "../subprotocol.ts";
import { refuseIfGone, refuseUnlessUpgrade, upgrade, type UpgradeOptions } from "../upgrade.ts";

export interface ConnectDeps extends AdmitDeps {
  readonly sessions: Pick<Sessions, "attach">;
  readonly upgrades: UpgradeOptions["upgrades"];
}

/** Behind `requireNewSubscriber`, refuses in this order: 400, 503, 429, 426. */
export function connect(deps: ConnectDeps): Handler<SubscriberEnv> {
  return async function connect(c) {
    const subscriber = c.get("subscriber");
    const after = parseAfter(c.req.query("after"));
    const protocol = chooseSubprotocol(c, SUBPROTOCOL);
    refuseIfFull(subscriber, deps);
    refuseUnlessUpgrade(c);
    const slot = await reserveSlot(subscriber, deps);
    const { upgrades } = deps, onFailure = () => slot.release();
    if (upgrades.hasLeaked) await refuseIfGone(c, { onFailure });
    const { socket, response } = upgrade(c, { protocol, onFailure, upgrades });
    deps.sessions.attach(socket, { ...subscriber, after, slot });
    return response;
  };
}
