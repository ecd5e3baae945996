/** A program that uses the types of openapi-typescript, as text: the types exist only while the test runs. */

import { TOOLS } from "../tools.ts";

export const TYPESCRIPT_PROGRAM = `
import createClient from "${TOOLS.openapiFetch}";
import type { components, paths } from "./tidings.d.ts";

type Schemas = components["schemas"];

const [baseUrl = "", key = ""] = Deno.args;
const authorization = { authorization: "Bearer " + key };
const client = createClient<paths>({ baseUrl, headers: authorization });
const stranger = createClient<paths>({ baseUrl });

const one: Schemas["Notify"] = { target: "alexander", data: { n: 1 }, id: "duel-1", ttl: 4_000_000_000 };
const many: Schemas["NotifyMany"] = [{ targets: ["burr", "eliza"], data: null }, { everyone: true, data: null }];
// @ts-expect-error: there is no such urgency
const _urgent: Schemas["Notify"] = { ...one, urgency: "urgent" };
// @ts-expect-error: data is required
const _empty: Schemas["Notify"] = { target: "alexander" };

const token = await client.POST("/v1/tokens", { body: { target: "alexander" } });
const accepted = await client.POST("/v1/notify", { body: one });
const several = await client.POST("/v1/notify", { body: many });
if (!accepted.data || !("id" in accepted.data)) throw new Error("not Accepted");
if (!several.data || !("notifications" in several.data)) throw new Error("not AcceptedMany");
const report = await client.GET("/v1/notifications/{id}", { params: { path: { id: accepted.data.id } } });
const params = { path: { target: "alexander" } };
const kept = await client.GET("/v1/targets/{target}/notifications", { params });
const closed = await client.DELETE("/v1/targets/{target}/connections", { params });
const refused = await stranger.POST("/v1/notify", { body: one });

console.log(JSON.stringify({
  health: (await client.GET("/healthz")).data?.status,
  token: token.data?.token !== "",
  id: accepted.data.id,
  accepted: several.data.notifications.length,
  everyone: several.data.notifications[2]?.target === null,
  sent: report.data?.sent,
  unacked: report.data?.first_ack_ms === null,
  kept: kept.data?.notifications[0]?.data,
  closed: closed.data?.closed,
  problem: refused.error?.type,
}));
`;
