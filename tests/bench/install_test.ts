/** Tests of running the programs that peers need. */

import { assertRejects } from "@std/assert";
import { NotInstalledError, run } from "./install.ts";

Deno.test("run rejects with NotInstalledError if the program does not exist", async () => {
  await assertRejects(
    () => run("no-such-program", ["--version"]),
    NotInstalledError,
    "no-such-program is not installed",
  );
});

Deno.test("run rejects with NotInstalledError and the last line of the error if the program fails", async () => {
  const fail = 'console.error("one\\nthe reason"); Deno.exit(3)';
  await assertRejects(
    () => run(Deno.execPath(), ["eval", fail]),
    NotInstalledError,
    "eval failed: the reason",
  );
});

Deno.test("run resolves if the program succeeds", async () => {
  await run(Deno.execPath(), ["--version"]);
});
