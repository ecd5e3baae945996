/** The parts that are fuzzed. */

import { CLI } from "./cli/cli_part.ts";
import { INBOX } from "./inbox/inbox_part.ts";
import { NATS } from "./nats/nats_part.ts";
import type { AnyPart } from "./part.ts";
import { PUBLISHER } from "./publisher/publisher_part.ts";
import { PUSH } from "./push/push_part.ts";
import { ROUTES } from "./routes/routes_part.ts";
import { RPC } from "./rpc/rpc_part.ts";
import { SDK } from "./sdk/sdk_part.ts";
import { SHARING } from "./sharing/sharing_part.ts";
import { SOCKET } from "./socket/socket_part.ts";

export const PARTS: readonly AnyPart[] = [
  SOCKET,
  ROUTES,
  RPC,
  SDK,
  INBOX,
  SHARING,
  PUSH,
  NATS,
  CLI,
  PUBLISHER,
];
