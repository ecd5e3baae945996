/** Tests of the script that gives the processes of the image the memory limit of a container with cgroup v1. */

import { assert, assertEquals, assertMatch } from "@std/assert";

const SCRIPT = new URL("../../deploy/memory_limit.sh", import.meta.url);
const GIB = 2 ** 30;
/** What the file of a control group without a limit says. */
const UNLIMITED = "9223372036854771712";

/** Runs Deno as the image does, in a control group that has this limit, and returns what it finds. */
async function inGroup(
  limit: string | null,
  env: Record<string, string> = {},
): Promise<{ readonly bytes?: string; readonly heapMiB: number }> {
  const path = await Deno.makeTempFile();
  if (limit === null) await Deno.remove(path);
  else await Deno.writeTextFile(path, `${limit}\n`);
  const program = `import v8 from "node:v8";
    const heapMiB = v8.getHeapStatistics().heap_size_limit / 2 ** 20;
    console.log(JSON.stringify({ bytes: Deno.env.get("TIDINGS_MAX_MEMORY_BYTES"), heapMiB }));`;
  const { stdout, success } = await new Deno.Command(SCRIPT.pathname, {
    args: [Deno.execPath(), "eval", "--no-config", program],
    env: { MEMORY_LIMIT_FILE: path, NO_COLOR: "1", ...env },
    stderr: "inherit",
  }).output();
  assertEquals(success, true);
  if (limit !== null) await Deno.remove(path);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("The image gives the service the limit of the container, and half of it to the heap", async () => {
  const { bytes, heapMiB } = await inGroup(String(GIB));
  assertEquals(bytes, String(GIB));
  // The limit of the heap includes the young generation, about 100 MiB without the flags of the service.
  assert(heapMiB > 510 && heapMiB < 640, `${heapMiB} MiB`);
});

Deno.test("The image changes nothing without a limit", async () => {
  const { heapMiB } = await inGroup(null);
  for (const limit of [null, UNLIMITED, ""]) assertEquals(await inGroup(limit), { heapMiB });
});

Deno.test("A lower limit that is configured stays, and one that is invalid is left to the service", async () => {
  const configured = (bytes: string) => inGroup(String(GIB), { TIDINGS_MAX_MEMORY_BYTES: bytes });
  assertEquals((await configured("500000000")).bytes, "500000000");
  assertEquals((await configured(String(4 * GIB))).bytes, String(GIB));
  assertEquals((await configured("1 GB")).bytes, "1 GB");
});

Deno.test("The service and the command line of the image run within the limit", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../deploy/${path}`, import.meta.url));
  assertMatch(await read("Dockerfile"), /^CMD \["memory_limit", "deno", "run"/m);
  assertMatch(await read("Dockerfile"), /^COPY deploy\/memory_limit\.sh \/usr\/local\/bin\/memory_limit$/m);
  assertMatch(await read("tidings.sh"), /exec memory_limit deno run/);
  assertEquals(((await Deno.stat(SCRIPT)).mode ?? 0) & 0o001, 0o001, "everyone may run it");
});
