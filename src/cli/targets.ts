/** `targets [TARGET]`: lists who is connected, or the connections of one target. */

import type { Command } from "@commander-js/extra-typings";
import type { z } from "zod";
import {
  type ConnectedTarget,
  ConnectedTargets,
  type Connection,
  TargetConnections,
} from "../reference/responses.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";
import { print } from "./output.ts";
import { pathSegment } from "./path_segment.ts";
import { type Answered, ServiceClient } from "./call/service_client.ts";

const HEAD = ["connection", "transport", "connected at", "state", "node"];
const PAGE_LIMIT = 1_000;

export function addTargets(program: Command, variables: Variables): void {
  program.command("targets")
    .summary("list who is connected, or the connections of a target")
    .description(
      "Lists the targets that are connected, on all nodes. With TARGET, lists the open connections of that target.",
    )
    .argument("[target]", "the user whose connections to list")
    .option("--after <target>", "list only targets that come after this one in the order of the list")
    .option("--json", "print the answer of the service, or a line of JSON for each target")
    .action(async (target, { after, json = false }) => {
      const client = new ServiceClient(accessFrom(variables));
      if (target === undefined) return await listTargets(client, { after, asJson: json });
      if (after !== undefined) throw new Failure("--after is only for all targets", { exitCode: EXIT.usage });
      await listConnections(client, { target, asJson: json });
    });
}

/** Prints each page before it requests the next one, so that a long list does not have to fit into memory. */
async function listTargets(
  client: ServiceClient,
  { after = "", asJson }: { readonly after: string | undefined; readonly asJson: boolean },
): Promise<void> {
  let isEmpty = true;
  for (let next: string | null = after; next !== null;) {
    const path = `/v1/targets?limit=${PAGE_LIMIT}&after=${encodeURIComponent(next)}`;
    const page: Answered<typeof ConnectedTargets> = await client.call(path, { answer: ConnectedTargets });
    const { targets } = page.value;
    if (isEmpty && targets.length > 0 && !asJson) print("connections  websocket    sse  nodes  target");
    for (const listed of targets) print(asJson ? JSON.stringify(listed) : line(listed));
    isEmpty &&= targets.length === 0;
    next = page.value.next;
  }
  if (isEmpty && !asJson) {
    print(after === "" ? "no target is connected" : `no target after ${after} is connected`);
  }
}

/** The target comes last, because it may be long and may contain spaces. */
function line({ target, connections, transports, nodes }: z.infer<typeof ConnectedTarget>): string {
  const numbers = [[connections, 11], [transports.websocket, 9], [transports.sse, 5], [
    nodes.length,
    5,
  ]] as const;
  return [...numbers.map(([number, width]) => `${number}`.padStart(width)), target].join("  ");
}

async function listConnections(
  client: ServiceClient,
  { target, asJson }: { readonly target: string; readonly asJson: boolean },
): Promise<void> {
  const path = `/v1/targets/${pathSegment(target, "target")}`;
  const { value, json } = await client.call(path, { answer: TargetConnections });
  if (asJson) return print(json);
  print(value.connections.length === 0 ? nobodyText(value) : table(value.connections));
}

function nobodyText({ target, last_seen: at }: z.infer<typeof TargetConnections>): string {
  return `${target} has no connection${at === null ? "" : `, and was last seen at ${at}`}`;
}

function table(connections: readonly z.infer<typeof Connection>[]): string {
  const rows = connections.map(({ id, transport, connected_at, behind, node }) => [
    id,
    transport,
    connected_at,
    behind ? "behind" : "live",
    node,
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n");
}
