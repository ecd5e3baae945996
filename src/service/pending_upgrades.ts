/** Composes the search for sockets that never open. */

import { isOpening } from "../connection/websocket_transport.ts";
import { PendingUpgrades } from "../http/pending_upgrades.ts";
import { log } from "./log.ts";

/** Logged once. */
const LEAK =
  "a client has reset its connection before its upgrade was answered, and Deno keeps its file: from now on, each client is checked before, which takes 2 KB a connection";

export function createPendingUpgrades(): PendingUpgrades {
  return new PendingUpgrades({ isOpening, onLeak: () => log.warn(LEAK) });
}
