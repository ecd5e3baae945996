/** The help of the command line, and what it does with wrong arguments. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { EXIT } from "../../src/cli/call/failure.ts";
import { VERSION } from "../../src/wire/version.ts";
import { commandNames, tidings } from "./command.ts";

const COMMANDS = [
  ...["start", "check", "keygen", "token", "notify", "listen", "report", "targets", "revoke", "erase"],
  ...["backup", "restore"],
  ...["version", "help"],
];

Deno.test("run lists every command, the variables and the exit codes for --help", async () => {
  assertEquals(await commandNames(), COMMANDS);
  const { code, stdout, stderr } = await tidings(["--help"]);
  assertEquals([code, stderr], [EXIT.ok, ""]);
  for (const text of ["TIDINGS_URL", "TIDINGS_KEY", "TIDINGS_KEY_FILE", "Exit codes: 0"]) {
    assertStringIncludes(stdout, text);
  }
  for (const [name, number] of Object.entries(EXIT)) assertMatch(stdout, new RegExp(`[ \n]${number} `), name);
});

for (const name of COMMANDS.filter((one) => one !== "help")) {
  Deno.test(`run prints the help of ${name}, and does nothing else`, async () => {
    const [flag, word] = await Promise.all([tidings([name, "--help"]), tidings(["help", name])]);
    assertEquals([flag.code, flag.stderr], [EXIT.ok, ""]);
    assertStringIncludes(flag.stdout, `Usage: tidings ${name}`);
    assertEquals(word, flag);
  });

  Deno.test(`run refuses an unknown option of ${name}, and a surplus argument`, async () => {
    const unknown = await tidings([name, "--unknown", "a"]);
    assertEquals([unknown.code, unknown.stdout], [EXIT.usage, ""]);
    assertStringIncludes(unknown.stderr, "unknown option '--unknown'");
    const surplus = await tidings([name, "a", "b", "c"]);
    assertEquals([surplus.code, surplus.stdout], [EXIT.usage, ""]);
    assertMatch(surplus.stderr, /too many arguments|invalid for argument/);
  });
}

for (const name of ["token", "notify", "listen", "report", "backup", "restore"]) {
  Deno.test(`run names the argument that ${name} lacks`, async () => {
    const { code, stdout, stderr } = await tidings([name]);
    assertEquals([code, stdout], [EXIT.usage, ""]);
    assertMatch(stderr, /missing required argument '(target|id|file)'/);
  });
}

Deno.test("run proposes the command that was meant, and prints the help if none is given", async () => {
  const misspelled = await tidings(["tokn", "alexander"]);
  assertEquals(misspelled.code, EXIT.usage);
  assertStringIncludes(misspelled.stderr, "Did you mean token?");
  const none = await tidings([]);
  assertEquals(none.code, EXIT.usage);
  assertStringIncludes(none.stderr, "Commands:");
});

Deno.test("version prints the versions of Tidings and of Deno, also as JSON", async () => {
  assertEquals((await tidings(["version"])).stdout, `Tidings ${VERSION} on Deno ${Deno.version.deno}\n`);
  const { stdout } = await tidings(["version", "--json"]);
  assertEquals(JSON.parse(stdout), { tidings: VERSION, deno: Deno.version.deno });
  for (const flag of ["--version", "-V"]) assertEquals((await tidings([flag])).stdout, `${VERSION}\n`);
});

Deno.test("The task `tidings` has the flags and the permissions of `start`, so that it can start the service", () => {
  const flags = (command: string) => command.split(" ").slice(0, -1);
  assertEquals(flags(project.tasks.tidings.command), flags(project.tasks.start.command));
  assert(project.tasks.tidings.command.endsWith(" src/cli/tidings.ts"));
});
