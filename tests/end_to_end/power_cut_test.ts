/** What a power cut may take: whether a notification is on the disk, and not only in the kernel, before its 202. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { findProgram } from "../find_program.ts";
import { ServiceProcess } from "./service_process.ts";

const STRACE = findProgram("strace", { variable: "STRACE", defaultPath: "/usr/bin/strace" });
const COUNT = 20;

type Step = "written" | "flushed" | "answered";

/**
 * Watches the system calls of a process while the function runs, and returns its steps in order. Null, outside of CI, if
 * the kernel lets only root watch.
 */
async function stepsOf(pid: number, run: () => Promise<void>): Promise<Step[] | null> {
  const file = await Deno.makeTempFile();
  const calls = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg";
  const strace = new Deno.Command(STRACE.path, {
    args: ["-f", "-y", "-s", "16", "-e", `trace=${calls}`, "-o", file, "-p", `${pid}`],
    stderr: "piped",
  }).spawn();
  let output = "";
  const reading = (async () => {
    for await (const text of strace.stderr.pipeThrough(new TextDecoderStream())) output += text;
  })();
  await eventually(() => output.includes("attached") || output.includes("not permitted"), "strace");
  if (!output.includes("attached")) {
    assert(!Deno.env.get("CI"), output);
    console.log(`Skipped: ${output}`);
    await Promise.all([strace.status, reading]);
    return null;
  }
  await run();
  strace.kill("SIGINT"); // it detaches, and the process goes on
  await Promise.all([strace.status, reading]);
  const lines = (await Deno.readTextFile(file)).split("\n");
  await Deno.remove(file);
  return parseSteps(lines);
}

/** A call that another thread interrupts has two lines; it has ended at the second. */
function parseSteps(lines: readonly string[]): Step[] {
  const unfinished = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (call.endsWith("<unfinished ...>")) {
      unfinished.set(thread, call);
      return [];
    }
    const whole = call.startsWith("<...") ? `${unfinished.get(thread) ?? ""}${call}` : call;
    return stepOf(whole) ?? [];
  });
}

function stepOf(call: string): Step | null {
  if (/^f(data)?sync\(\d+<[^>]*-wal>.*= 0$/.test(call)) return "flushed";
  if (/^pwrite64\(\d+<[^>]*-wal>/.test(call)) return "written";
  return /"HTTP\/1\.1 202/.test(call) ? "answered" : null;
}

/**
 * Posts notifications one after the other. Returns how many were answered while something was only in the kernel, or null
 * if that could not be watched.
 */
async function countAtRisk(synchronous: "full" | "normal"): Promise<number | null> {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=${synchronous}` };
  await using service = await ServiceProcess.start(environment, { folder });
  const steps = await stepsOf(service.pid, async () => {
    for (let data = 0; data < COUNT; data++) await service.notify({ target: "alexander", data });
  });
  await Deno.remove(folder, { recursive: true });
  if (steps === null) return null;
  assertEquals(steps.filter((step) => step === "answered").length, COUNT);
  let atRisk = 0, last: Step | null = null, written = 0;
  for (const step of steps) {
    if (step === "answered") {
      assert(written > 0, "each notification is written before it is answered");
      if (last === "written") atRisk++;
      written = 0;
      continue;
    }
    if (step === "written") written++;
    last = step;
  }
  return atRisk;
}

STRACE.test("The service has a notification flushed to the disk before it answers 202, with synchronous=full", async () => {
  assertEquals(await countAtRisk("full") ?? 0, 0);
});

STRACE.test("The service answers 202 before the disk has everything with synchronous=normal, as this test can see", async () => {
  assert((await countAtRisk("normal") ?? COUNT) > COUNT / 2);
});
