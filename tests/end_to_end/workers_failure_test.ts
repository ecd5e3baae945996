/** Tests of what ends a service with workers, and of what keeps it from starting. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Isolates } from "./isolates.ts";
import { ServiceProcess } from "./service_process.ts";

const FAILING = new URL("failing_service.ts", import.meta.url).pathname;
const COUNTING = new URL("counting_service.ts", import.meta.url).pathname;
const TWO = { PORT: "0", TIDINGS_JOURNAL: "memory:", TIDINGS_WORKERS: "2" };

/** Runs a service of which an isolate fails. Resolves with what it leaves when it has ended. */
async function run(end: string): Promise<{ code: number; stderr: string }> {
  const args = ["run", "--allow-all", "--no-check", "--v8-flags=--max-old-space-size=100", FAILING, end];
  const command = new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "piped" });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("Workers that take more memory than they may end the process, because Deno cannot end them alone", async () => {
  const { code, stderr } = await run("heap");
  assert(code !== 0, stderr);
  assertStringIncludes(stderr, "out of memory");
});

Deno.test("Workers end with the isolate that owns the journal, and the process exits with 1", async () => {
  const { code, stderr } = await run("owner");
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, "failed by a test");
});

Deno.test("Workers do not start on a port that is taken, and the message names the variables", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using service = new ServiceProcess({ ...TWO, PORT: `${taken.addr.port}` });
  assertEquals(await service.exited(), 2);
  assertStringIncludes(service.output, "HOST, PORT: cannot listen on 127.0.0.1");
});

Deno.test("Workers that cannot start keep the service from it, with a message that names the variable", async () => {
  const flags = ["--no-prompt", "--allow-net", "--allow-env", "--allow-sys", "--allow-read=data"];
  await using service = new ServiceProcess(TWO, { flags });
  assertEquals(await service.exited(), 2);
  assertStringIncludes(service.output, "Tidings cannot start.\nTIDINGS_WORKERS: Requires read access to ");
});

for (const [workers, hasAny] of [["1", false], ["2", true]] as const) {
  Deno.test(`With TIDINGS_WORKERS=${workers}, the service ${hasAny ? "has" : "has no"} workers and shared memory`, async () => {
    const args = ["run", "--allow-all", "--no-check", COUNTING, workers];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    const made = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals([made.status, made.workers > 0, made.memories > 0], [202, hasAny, hasAny]);
  });
}

Deno.test("Workers that have just failed do not hold up a stop, and do not start again during it", async () => {
  for (const ms of [0, 5, 60, 120, 200]) {
    const isolates = await Isolates.start();
    isolates.fail();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const { started } = isolates;
    await isolates.stop();
    assertEquals(isolates.started, started);
  }
});
