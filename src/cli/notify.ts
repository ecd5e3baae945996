/** `notify TARGET [JSON]`: sends a notification. */

import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { Accepted, Report } from "../reference/responses.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { jsonText } from "./json_argument.ts";
import { print } from "./output.ts";
import { reportText } from "./report_text.ts";
import { ServiceClient } from "./call/service_client.ts";
import { wholeNumber } from "./whole_number.ts";

const URGENCIES = ["very-low", "low", "normal", "high"] as const;
const MAX_WAIT_SECONDS = 60;
/** With `Prefer: wait`, the answer is a report. */
const Answer = z.union([Report, Accepted]);

/** The options that are members of the notification as they are. */
interface Members {
  readonly id?: string | undefined;
  readonly ttl?: number | undefined;
  readonly topic?: string | undefined;
  readonly urgency?: string | undefined;
  readonly at?: string | undefined;
  readonly push?: true | undefined;
}

export function addNotify(program: Command, variables: Variables): void {
  program.command("notify")
    .summary("send a notification")
    .description("Sends a notification to a target, and prints its id.")
    .argument("<target>", "the recipient")
    .argument("[json]", "what the browsers receive as `data`; omitted or -: standard input")
    .option("--id <id>", "identifies the notification: a repeat is not delivered again")
    .option("--ttl <seconds>", "how long it is kept; 0: only live connections receive it", wholeNumber(0))
    .option("--topic <topic>", "replaces the previous one of the target and topic")
    .addOption(new Option("--urgency <urgency>", "the urgency (RFC 8030)").choices(URGENCIES))
    .option("--at <time>", "when to send it: RFC 3339, such as 2030-01-01T12:00:00Z")
    .option("--push", "push it to the devices of the target unless the target acks it in time")
    .option(
      "--wait <seconds>",
      "wait until a connection acks it, and print the report",
      wholeNumber(1, MAX_WAIT_SECONDS),
    )
    .option("--json", "print the answer of the service")
    .action(async (target, data, { wait, json = false, ...members }) => {
      const { value, json: answer } = await new ServiceClient(accessFrom(variables)).call("/v1/notify", {
        method: "POST",
        body: bodyOf({ target, ...members }, await jsonText(data)),
        headers: {
          "content-type": "application/json",
          ...wait === undefined ? {} : { prefer: `wait=${wait}` },
        },
        extraMs: (wait ?? 0) * 1_000,
        answer: Answer,
      });
      if (json) return print(answer);
      print("sent" in value ? reportText(value) : value.id);
    });
}

/** The text of `data` is inserted, because parsing it would change numbers with many digits. */
function bodyOf(members: Members & { readonly target: string }, data: string): string {
  return `${JSON.stringify(members).slice(0, -1)},"data":${data}}`;
}
