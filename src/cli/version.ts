/** `version`: prints the version of this program, and of the Deno that runs it. */

import type { Command } from "@commander-js/extra-typings";
import { VERSION } from "../wire/version.ts";
import { print } from "./output.ts";

export function addVersion(program: Command): void {
  program.command("version")
    .summary("print the version")
    .description("Prints the version of Tidings, and of the Deno that runs it.")
    .option("--json", "print JSON")
    .action(({ json = false }) => {
      const deno = Deno.version.deno;
      print(json ? JSON.stringify({ tidings: VERSION, deno }) : `Tidings ${VERSION} on Deno ${deno}`);
    });
}
