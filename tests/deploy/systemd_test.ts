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
const CURL = findProgram("curl", { variable: "CURL", defaultPath: "/usr/bin/curl" });

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

Deno.test("`tidings` beside systemd is the command line with the command and the permissions of the unit", async () => {
  const script = await Deno.readTextFile(new URL("../../deploy/systemd/tidings.sh", import.meta.url));
  const [command = ""] = /\/usr\/local\/bin\/deno run (?:.*\\\n)*.*/.exec(script) ?? [];
  assertEquals(
    command.replaceAll(/\\\n\s*/g, ""),
    valueOf("ExecStart").replace(/main\.ts$/, 'src/cli/tidings.ts "$@"'),
  );
  assert(script.includes(`--property=EnvironmentFile=${valueOf("EnvironmentFile")}`));
  assert(script.includes(`--working-directory=${valueOf("WorkingDirectory")}`));
  assert(script.includes(`--uid=${valueOf("User")} --gid=${valueOf("Group")}`));
});

Deno.test("The systemd unit waits for longer than a drain takes", () => {
  assertLess(configFrom({}).drainSeconds, Number(valueOf("TimeoutStopSec")));
});

Deno.test("systemd starts the node again however often it fails, because what it needs may come back", () => {
  assertEquals(valueOf("Restart"), "on-failure");
  assertEquals(valueOf("StartLimitIntervalSec"), "0");
});

const WAIT = new URL("../../deploy/systemd/wait_until_ready.sh", import.meta.url);

/** Runs what ExecStartPost does, beside a process that stands for the node. */
function waitUntilReady(node: Deno.ChildProcess, url: { hostname: string; port: number }) {
  return new Deno.Command(WAIT.pathname, {
    env: { HOST: url.hostname, PORT: String(url.port), MAINPID: String(node.pid) },
    stdout: "null",
  }).spawn();
}

function sleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["600"] }).spawn();
}

Deno.test("The systemd unit waits with a script that it has", async () => {
  assertEquals(valueOf("ExecStartPost"), "/opt/tidings/deploy/systemd/wait_until_ready.sh");
  const { mode } = await Deno.stat(WAIT);
  assertEquals((mode ?? 0) & 0o111, 0o111, "the script is executable");
});

CURL.test("systemctl start fails at once if the node ends before it is ready", async () => {
  const node = sleeper();
  const wait = waitUntilReady(node, { hostname: "127.0.0.1", port: 1 });
  node.kill("SIGKILL");
  await node.status;
  assertEquals((await wait.status).code, 1);
});

for (const hostname of ["127.0.0.1", "::1"]) {
  CURL.test(`systemctl start returns when the node is ready at ${hostname}`, async () => {
    const answers = [503, 503, 200];
    const asked: string[] = [];
    const server = Deno.serve({ hostname, port: 0, onListen: () => {} }, ({ url }) => {
      asked.push(new URL(url).pathname);
      return new Response(null, { status: answers.shift() ?? 500 });
    });
    const node = sleeper();
    assertEquals((await waitUntilReady(node, server.addr).status).code, 0);
    assertEquals(asked, ["/readyz", "/readyz", "/readyz"]);
    node.kill("SIGKILL");
    await node.status;
    await server.shutdown();
  });
}
