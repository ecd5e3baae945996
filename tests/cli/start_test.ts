/** start: the service, run by the command line; and what the service does with the variables of the command line. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EXIT } from "../../src/cli/call/failure.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { spawnTidings, tidings } from "./command.ts";

const ENVIRONMENT = { PORT: "0", TIDINGS_JOURNAL: "memory:", TIDINGS_KEY: "a-key-for-the-command-line" };

for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
  Deno.test(`start runs the service until ${signal}, and then ends with 0`, async () => {
    const service = spawnTidings(["start"], { environment: ENVIRONMENT });
    const output = service.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("/v1/notify")) text += (await output.read()).value ?? "";
    const [, url] = /listens on (\S+)/.exec(text) ?? [];
    const response = await fetch(`${url}/readyz`);
    assertEquals([response.status, await response.json()], [200, { status: "ready" }]);
    service.kill(signal);
    assertEquals((await service.status).code, 0);
    await Promise.all([output.cancel(), service.stderr.cancel(), service.stdin.close()]);
  });
}

Deno.test("start ends with 2 and names the variable that is invalid", async () => {
  const { code, stdout, stderr } = await tidings(["start"], { environment: { PORT: "many" } });
  assertEquals([code, stdout], [EXIT.usage, ""]);
  assertStringIncludes(stderr, "Tidings cannot start.\nPORT: expected");
});

Deno.test("runService ignores the variables of the command line, and says so", async () => {
  const secrets = { TIDINGS_PUBLISHER_KEYS: "k".repeat(32), TIDINGS_TOKEN_SECRET: "t".repeat(32) };
  await using service = await ServiceProcess.start({ ...secrets, TIDINGS_KEY: "hunter2", TIDINGS_URL: "" });
  assertStringIncludes(service.output, "is only for the command line, and is ignored");
  assertStringIncludes(service.output, "TIDINGS_KEY");
  for (const text of ["hunter2", "TIDINGS_URL"]) assert(!service.output.includes(text));
});
