/** `check`: finds what would fail, before the service is started. */

import type { Command } from "@commander-js/extra-typings";
import { separateCommandLine } from "../config/command_line_variables.ts";
import type { Variables } from "./call/access.ts";
import type { CheckFinding } from "./checks/check_finding.ts";
import { Failure } from "./call/failure.ts";
import { print } from "./output.ts";

export function addCheck(program: Command, variables: Variables): void {
  program.command("check")
    .summary("find what would fail, before the service is started")
    .description(
      "Checks the variables, the port, the journal, NATS and other servers, the clock, the number of files that can\n" +
        "be open, and the memory. Run it as the user of the service, with its variables. The service may run meanwhile.",
    )
    .option("--json", "print JSON")
    .action(async ({ json = false }) => {
      const { checkAll } = await import("./checks/check_all.ts"); // the other commands need nothing of it
      const findings = await checkAll(separateCommandLine(variables).service);
      const failed = findings.filter(({ status }) => status === "fail").length;
      if (json) print(JSON.stringify({ ok: failed === 0, findings }));
      else for (const finding of findings) print(lineOf(finding));
      if (failed > 0) throw new Failure(`${failed} of ${findings.length} checks failed`);
    });
}

function lineOf({ status, check, message }: CheckFinding): string {
  return `${status.padEnd(4)}  ${check.padEnd(13)}  ${message}`;
}
