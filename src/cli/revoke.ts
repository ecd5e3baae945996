/** `revoke`: revokes a token, or the tokens of a target. */

import { type Command, Option } from "@commander-js/extra-typings";
import { Revoked } from "../reference/bodies.ts";
import { accessFrom, type Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";
import { ServiceClient } from "./call/service_client.ts";
import { print } from "./output.ts";

export function addRevoke(program: Command, variables: Variables): void {
  program.command("revoke")
    .summary("revoke the tokens of a target, or one token")
    .description(
      "Revokes all tokens that a target got until now, or one token by its jti. Connections that were opened with them end.",
    )
    .argument("[target]", "the user whose tokens to revoke")
    .option(
      "--issued-before <time>",
      "only tokens that were issued before: RFC 3339, such as 2026-07-04T09:00:00Z",
    )
    .addOption(new Option("--jti <jti>", "one token, which `token --json` tells").conflicts("issuedBefore"))
    .option(
      "--expires-at <time>",
      "when the last of them expires, so that the revocation can be forgotten: RFC 3339",
    )
    .option("--json", "print the answer of the service")
    .action(async (target, { jti, issuedBefore, expiresAt, json: asJson = false }) => {
      if ((target === undefined) === (jti === undefined)) {
        throw new Failure("either a target or --jti is required", { exitCode: EXIT.usage });
      }
      const body = JSON.stringify({ target, jti, issued_before: issuedBefore, expires_at: expiresAt });
      const service = new ServiceClient(accessFrom(variables));
      const { value, json } = await service.call("/v1/revocations", {
        method: "POST",
        body,
        answer: Revoked,
      });
      if (asJson) return print(json);
      print("jti" in value ? `revoked the token ${value.jti}` : textOf(value.target, value.issued_before));
    });
}

function textOf(target: string, issuedBefore: string): string {
  return `revoked the tokens of ${target} that were issued before ${issuedBefore}`;
}
