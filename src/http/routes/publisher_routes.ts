/** The part of the route table that publishers use, and the console, with the scope that each route requires of a key. */

import type { Hono } from "hono";
import type { Nodes } from "../../cluster/nodes.ts";
import type { Config } from "../../config/config.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { AckWaits } from "../ack_waits.ts";
import { type CorsDeps, preflight } from "../auth/cors.ts";
import type { Keyring } from "../auth/keyring.ts";
import { authorizeAnyone, authorizeByKey, type AuthorizeDeps, requirePublisher } from "../auth/publisher.ts";
import {
  IN_HEADER_OR_PASSWORD_OF_SNS,
  IN_HEADER_OR_SUBPROTOCOL,
  type KeyPlace,
} from "../auth/publisher_key.ts";
import { cancelNotification, deliveryReport, type NotificationsDeps } from "./notifications.ts";
import { notify, type NotifyDeps } from "./notify.ts";
import { ownKey } from "./own_key.ts";
import { addRpcRoutes, type RpcDeps } from "./rpc.ts";
import type { RouteLimits } from "./route_limits.ts";
import { publishSocket, type PublishSocketDeps } from "./publish_socket.ts";
import { countSubscriptions, type PushParts, pushParts } from "./push.ts";
import {
  closeConnections,
  eraseTarget,
  listConnections,
  type ListConnectionsDeps,
  listNotifications,
  markAsRead,
  type MarkAsReadDeps,
} from "./targets.ts";
import { listTargets } from "./target_list.ts";
import { type RevocationsDeps, revoke } from "./revocations.ts";
import { tokens, type TokensDeps } from "./tokens.ts";
import { webhookConsent } from "./webhook_consent.ts";

/** The collaborators of the routes for publishers. */
export interface PublisherRoutesDeps
  extends Pick<NotifyDeps, "streams" | "onSubscription" | "quotas">, Pick<RpcDeps, "bodies" | "refusals"> {
  readonly config: Config;
  readonly publishers: PublishSocketDeps["publishers"];
  readonly upgrades: PublishSocketDeps["upgrades"];
  readonly nodes: Nodes;
  readonly lastSeen: ListConnectionsDeps["lastSeen"];
  readonly intakes: NotifyDeps["intakes"] & MarkAsReadDeps["intakes"];
  readonly journal: Pick<Journal, "read" | "inbox">;
  readonly schedule: NotificationsDeps["schedule"];
  readonly subscriptions: PushParts["subscriptions"];
  readonly revocations: TokensDeps["revocations"] & RevocationsDeps["revocations"];
  readonly metrics: AuthorizeDeps["metrics"] & RpcDeps["metrics"];
  /** The metrics of this process. */
  readonly readMetrics: () => Promise<Metrics>;
  /** The interval at which consoles receive the metrics. */
  readonly snapshotMs: number;
  readonly isDraining: () => boolean;
  /** True while the process has so little memory left that it takes no new connections. */
  readonly isShortOfMemory: () => boolean;
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
  /** Called with errors that the request has not caused. */
  readonly report: (error: unknown) => void;
}

export function addPublisherRoutes(
  app: Hono,
  deps: PublisherRoutesDeps & CorsDeps & { readonly keyring: Keyring; readonly limits: RouteLimits },
): void {
  const { config, limits, nodes, stopping } = deps;
  const authorize = (place?: KeyPlace) =>
    limits.authorize(config.development ? authorizeAnyone() : authorizeByKey(deps, place));
  const inHeader = authorize(), publisher = requirePublisher(inHeader);
  const source = requirePublisher(authorize(IN_HEADER_OR_PASSWORD_OF_SNS));
  app.post("/v1/notify", source("publish", notify({ ...deps, waits: new AckWaits(nodes, stopping) })));
  app.options("/v1/notify", webhookConsent());
  addRpcRoutes(app, { ...deps, authorize: inHeader });
  app.get("/v1/publish", publishSocket({ ...deps, authorize: authorize(IN_HEADER_OR_SUBPROTOCOL) }));
  app.options("/v1/publish", preflight(deps, { headers: ["authorization"] }));
  app.get("/v1/notifications/:id", publisher("read", deliveryReport(deps)));
  app.delete("/v1/notifications/:id", publisher("publish", cancelNotification(deps)));
  app.get("/v1/targets", publisher("read", listTargets(nodes)));
  app.get("/v1/targets/:target", publisher("read", listConnections(deps)));
  app.delete("/v1/targets/:target", publisher("admin", eraseTarget(nodes)));
  app.get("/v1/targets/:target/notifications", publisher("read", listNotifications(deps)));
  app.post("/v1/targets/:target/read", publisher("publish", markAsRead(deps)));
  app.get(
    "/v1/targets/:target/push",
    publisher("read", countSubscriptions({ push: pushParts(config, deps.subscriptions) })),
  );
  app.delete("/v1/targets/:target/connections", publisher("admin", closeConnections(nodes)));
  app.post("/v1/tokens", publisher("tokens", tokens(config.tokens, deps)));
  app.post(
    "/v1/revocations",
    publisher("admin", revoke({ ...deps, maxTokenSeconds: config.tokens.maxSeconds })),
  );
  app.get("/v1/key", publisher(null, ownKey()));
}
