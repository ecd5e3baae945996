/** answerArguments: what the command line prints, and how the process ends with it. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Environment } from "../../src/config/environment.ts";
import { answerArguments, UsageError } from "../../src/service/command_line.ts";
import { VERSION } from "../../src/wire/version.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";

Deno.test("answerArguments starts the service without arguments", () => {
  assertEquals(answerArguments([]), null);
});

Deno.test("answerArguments prints every variable for --help, and the version for --version", () => {
  for (const args of [["--help"], ["-h"], ["--version", "--help"]]) {
    const help = answerArguments(args) ?? "";
    for (const name of Object.keys(Environment.shape)) assertStringIncludes(help, `\n  ${name}`);
  }
  for (const args of [["--version"], ["-V"]]) assertEquals(answerArguments(args), `Tidings ${VERSION}`);
});

Deno.test("answerArguments refuses unknown arguments and names them", () => {
  for (const unknown of ["--port=80", "serve", "-x", "--", "--Help"]) {
    const { message } = assertThrows(() => answerArguments(["--help", unknown]), UsageError);
    assertStringIncludes(message, unknown);
  }
});

/** Arguments and variables, the exit code, and text that is printed. */
const ENDS: readonly [string[], Record<string, string>, number, string][] = [
  [["--version"], {}, 0, `Tidings ${VERSION}`],
  [["--help"], { PORT: "not read" }, 0, "TIDINGS_TOKEN_SECRET"],
  [["--port=80"], {}, 2, "--port=80"],
  [[], { TIDINGS_TOKEN_SECRETS: "misspelled" }, 2, "did you mean TIDINGS_TOKEN_SECRET?"],
  [[], { PORT: "many" }, 2, "PORT: expected"],
];

for (const [args, environment, code, text] of ENDS) {
  Deno.test(`The process ends with ${code} for ${[...args, ...Object.keys(environment)].join(" ")}`, async () => {
    await using service = new ServiceProcess(environment, { args });
    assertEquals(await service.exited(), code, service.output);
    assertStringIncludes(service.output, text);
    assert(!service.output.includes("listens on"));
  });
}

Deno.test("The process starts without the permission to list variables, and warns that it finds no misspelled ones", async () => {
  const secrets = {
    TIDINGS_PUBLISHER_KEYS: "short",
    TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more\n",
  };
  const allowEnv = "HOST,PORT,TIDINGS_*";
  await using service = await ServiceProcess.start({ ...secrets, TIDINGS_DEMOS: "on" }, { allowEnv });
  assertStringIncludes(service.output, "misspelled names of variables cannot be detected");
  assertStringIncludes(service.output, "fewer than 16 characters");
  await using whole = await ServiceProcess.start(secrets);
  assert(!whole.output.includes("misspelled"), whole.output);
});
