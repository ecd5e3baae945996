/** `listen TARGET`: prints the notifications of a target as they arrive, until it is interrupted. */

import type { Command } from "@commander-js/extra-typings";
import { connect } from "../client/client.ts";
import type { Tidings, TidingsError, TidingsNotification } from "../client/tidings.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";
import { note, print } from "./output.ts";
import { ServiceClient } from "./call/service_client.ts";
import { requestToken } from "./token.ts";
import { wholeNumber } from "./whole_number.ts";

const TOKEN_SECONDS = 3_600;

export function addListen(program: Command, variables: Variables): void {
  program.command("listen")
    .summary("print the notifications of a target as they arrive")
    .description(
      "Prints the notifications of a target as they arrive, each on a line, until it is interrupted. It reconnects\n" +
        "automatically, and resumes where it left off. It acks nothing, so that it keeps no push from the devices.",
    )
    .argument("<target>", "the user whose notifications to print")
    .option("--after <position>", "begin after this position; earliest: with the oldest that is kept")
    .option("--count <number>", "end after this number of notifications", wholeNumber(1))
    .option("--json", "print each notification as JSON")
    .action(async (target, { after, count = Infinity, json = false }) => {
      const service = new ServiceClient(accessFrom(variables));
      const token = async () => (await requestToken(service, { target, seconds: TOKEN_SECONDS })).value.token;
      let first: string | null = await token(); // the SDK would repeat a failure for ever
      using tidings = connect(service.url, {
        token() {
          const now = first;
          first = null;
          return now ?? token();
        },
        ack: "manual",
        after: after ?? null,
      });
      await printFrom(tidings, { count, format: json ? JSON.stringify : lineOf });
    });
}

async function printFrom(
  tidings: Tidings,
  { count, format }: { count: number; format: (notification: TidingsNotification) => string },
): Promise<void> {
  tidings.addEventListener("error", ({ detail }) => {
    if (!detail.final) note(detail.message); // the loop throws a final one
  });
  tidings.addEventListener("missed", ({ detail }) => note(`some notifications are missing (${detail.why})`));
  tidings.addEventListener("state", ({ detail: { state, reason, target } }) => {
    if (state === "open") note(`listening for notifications to ${target}`);
    if (state === "waiting") note(`disconnected: ${reason}; reconnecting`);
  });
  let left = count;
  try {
    for await (const notification of tidings.notifications()) {
      print(format(notification));
      if (--left <= 0) return;
    }
  } catch (error) {
    throw isFinal(error) ? failureOf(error) : error;
  }
}

function isFinal(error: unknown): error is TidingsError {
  return error instanceof Error && error.name === "TidingsError";
}

function lineOf({ at, id, data }: TidingsNotification): string {
  return [at, id].map((one) => typeof one === "string" ? one : JSON.stringify(one)) // the server may not be Tidings
    .concat(JSON.stringify(data)).join("  ");
}

function failureOf({ message, status }: TidingsError): Failure {
  const isUnauthorized = status === 401 || status === 403;
  return new Failure(message, { exitCode: isUnauthorized ? EXIT.unauthorized : EXIT.failed });
}
