/** Tests of the systemd unit: it is valid and hardened, and runs the command of `deno task start`. */

import { assert, assertEquals, assertLess } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { configFrom } from "../../src/config/config.ts";
import { findProgram } from "../find_program.ts";

const UNIT = new URL("../../deploy/systemd/tidings.service", import.meta.url);
const text = await Deno.readTextFile(UNIT);
const SYSTEMD_ANALYZE = findProgram("systemd", {
  variable: "SYSTEMD_ANALYZE",
  defaultPath: "/usr/bin/systemd-analyze",
});

/** The value of a setting, joined if it takes several lines. */
function valueOf(setting: string): string {
  const [, value = ""] = new RegExp(`^${setting}=((?:.*\\\\\n)*.*)`, "m").exec(text) ?? [];
  return value.replaceAll(/\\\n\s*/g, "");
}

async function analyze(
  args: readonly string[],
  path = UNIT.pathname,
): Promise<{ success: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command(SYSTEMD_ANALYZE.path, {
    args: [...args, "--no-pager", path],
  }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

SYSTEMD_ANALYZE.test("The systemd unit has an exposure below 2.0", async () => {
  const { success, output } = await analyze(["security", "--offline=true", "--threshold=20"]);
  assert(success, output);
  const [, exposure] = /Overall exposure level for tidings\.service: ([\d.]+)/.exec(output) ?? [];
  assertLess(Number(exposure), 2);
});

SYSTEMD_ANALYZE.test("systemd understands every line of the unit", async () => {
  const folder = await Deno.makeTempDir();
  // Its programs need not be installed here.
  await Deno.writeTextFile(`${folder}/tidings.service`, text.replaceAll(/^(Exec\w+=)\S+/gm, "$1/bin/true"));
  const { success, output } = await analyze(["verify", "--man=no"], `${folder}/tidings.service`);
  const complaints = output.split("\n").filter((line) => line.includes("tidings.service"));
  assertEquals([success, complaints], [true, []], output);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The systemd unit gives the service the permissions of the task `start`, and a folder for its data", () => {
  const flags = (command: string) =>
    command.split(" ").filter((word) => /^--(allow|v8)/.test(word)).toSorted();
  const expected = project.tasks.start.command.replaceAll("=data", "=/var/lib/tidings");
  assertEquals(flags(valueOf("ExecStart")), flags(expected));
  assertEquals(valueOf("StateDirectory"), "tidings");
  assert(valueOf("ExecStart").endsWith(" main.ts"));
});

Deno.test("The systemd unit waits for longer than a drain takes", () => {
  assertLess(configFrom({}).drainSeconds, Number(valueOf("TimeoutStopSec")));
});
