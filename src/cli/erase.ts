/** `erase TARGET`: erases everything that the service has of a target. */

import type { Command } from "@commander-js/extra-typings";
import { accessFrom, type Variables } from "./call/access.ts";
import { ServiceClient } from "./call/service_client.ts";
import { print } from "./output.ts";
import { pathSegment } from "./path_segment.ts";

export function addErase(program: Command, variables: Variables): void {
  program.command("erase")
    .summary("erase everything of a target")
    .description(
      "Erases the notifications, the read state, the push subscriptions and the name of a target on all nodes, and closes its connections. It cannot be undone.",
    )
    .argument("<target>", "the user to erase")
    .option("--json", "print the result as JSON")
    .action(async (target, { json = false }) => {
      await new ServiceClient(accessFrom(variables)).callWithoutAnswer(
        `/v1/targets/${pathSegment(target, "target")}`,
        { method: "DELETE" },
      );
      print(json ? JSON.stringify({ target, erased: true }) : `erased ${target}`);
    });
}
