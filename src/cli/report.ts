/** `report ID`: prints the delivery report of a notification. */

import type { Command } from "@commander-js/extra-typings";
import { Report } from "../reference/responses.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { print } from "./output.ts";
import { pathSegment } from "./path_segment.ts";
import { reportText } from "./report_text.ts";
import { ServiceClient } from "./call/service_client.ts";

export function addReport(program: Command, variables: Variables): void {
  program.command("report")
    .summary("show the delivery report of a notification")
    .description("Shows how many connections a notification was sent to, and how many acked it.")
    .argument("<id>", "the id that `notify` printed")
    .option("--json", "print the answer of the service")
    .action(async (id, { json: asJson = false }) => {
      const path = `/v1/notifications/${pathSegment(id, "id")}`;
      const { value, json } = await new ServiceClient(accessFrom(variables)).call(path, { answer: Report });
      print(asJson ? json : reportText(value));
    });
}
