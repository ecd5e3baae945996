/** `start`: runs the service in this process, as `deno task start` does. */

import type { Command } from "@commander-js/extra-typings";
import type { Variables } from "./call/access.ts";

export function addStart(program: Command, variables: Variables): void {
  program.command("start")
    .summary("run the service")
    .description(
      "Runs the service until a signal stops it. Environment variables configure it; `deno task start --help` and\n" +
        "deploy/README.md list them.",
    )
    .action(async () => {
      const { runService } = await import("../service/run.ts"); // the other commands need nothing of it
      await runService(variables, { isComplete: true });
    });
}
