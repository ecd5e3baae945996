/** `targets TARGET`: lists the connections of a target. */

import type { Command } from "@commander-js/extra-typings";
import type { z } from "zod";
import { type Connection, TargetConnections } from "../reference/responses.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { print } from "./output.ts";
import { pathSegment } from "./path_segment.ts";
import { ServiceClient } from "./call/service_client.ts";

const HEAD = ["connection", "transport", "connected at", "state", "node"];

export function addTargets(program: Command, variables: Variables): void {
  program.command("targets")
    .summary("list the connections of a target")
    .description("Lists the open connections of a target, on all nodes.")
    .argument("<target>", "the user whose connections to list")
    .option("--json", "print the answer of the service")
    .action(async (target, { json: asJson = false }) => {
      const path = `/v1/targets/${pathSegment(target, "target")}`;
      const { value, json } = await new ServiceClient(accessFrom(variables)).call(path, {
        answer: TargetConnections,
      });
      if (asJson) return print(json);
      print(value.connections.length === 0 ? nobodyText(value) : table(value.connections));
    });
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
