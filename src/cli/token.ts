/** `token TARGET`: prints a token with which the browser of a user can connect. */

import type { Command } from "@commander-js/extra-typings";
import { Token } from "../reference/responses.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { print } from "./output.ts";
import { type Answered, ServiceClient } from "./call/service_client.ts";
import { wholeNumber } from "./whole_number.ts";

const MAX_SECONDS = 30 * 24 * 60 * 60;

export function addToken(program: Command, variables: Variables): void {
  program.command("token")
    .summary("issue a token for a target")
    .description("Issues a token with which the browser of a user can connect, and prints it.")
    .argument("<target>", "the user whose notifications the token gives access to")
    .option(
      "--expires-in <seconds>",
      "lifetime of the token",
      wholeNumber(1, MAX_SECONDS),
      3_600,
    )
    .option("--json", "print the answer of the service")
    .action(async (target, { expiresIn, json = false }) => {
      const answered = await requestToken(new ServiceClient(accessFrom(variables)), {
        target,
        seconds: expiresIn,
      });
      print(json ? answered.json : answered.value.token);
    });
}

/** Has the service issue a token. */
export function requestToken(
  service: ServiceClient,
  { target, seconds }: { target: string; seconds: number },
): Promise<Answered<typeof Token>> {
  const body = JSON.stringify({ target, expires_in: seconds });
  return service.call("/v1/tokens", { method: "POST", body, answer: Token });
}
