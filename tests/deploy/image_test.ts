/**
 * Tests of the image in a real container, confined as in compose.yaml and the Kubernetes manifests. They need a Docker
 * engine that has the base image; otherwise they are skipped.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { eventually } from "../eventually.ts";

const DOCKER = "docker";
const ROOT = new URL("../../", import.meta.url).pathname;
const BASE = /(?<=^FROM )denoland\/deno:[\d.]+/m.exec(
  await Deno.readTextFile(`${ROOT}deploy/Dockerfile`),
)?.[0] ?? "";
const KEY = "a-key-that-only-this-test-has";
const SECRETS = [`TIDINGS_PUBLISHER_KEYS=${KEY}`, `TIDINGS_TOKEN_SECRET=${"s".repeat(32)}`];

async function docker(args: readonly string[], stdin = new Uint8Array()) {
  const child = new Deno.Command(DOCKER, {
    args: [...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that reads nothing has closed its input by now.
  const written = writer.write(stdin).then(() => writer.close()).catch(() => {});
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), written]);
  const decoder = new TextDecoder();
  return { code, stdout, output: (decoder.decode(stdout) + decoder.decode(stderr)).trim() };
}

async function done(args: readonly string[], stdin?: Uint8Array<ArrayBuffer>): Promise<string> {
  const { code, output } = await docker(args, stdin);
  assertEquals(code, 0, `${args.join(" ")}: ${output}`);
  return output;
}

async function missing(): Promise<string | null> {
  try {
    const { code, output } = await docker(["image", "inspect", "--format", "{{.Id}}", BASE]);
    return code === 0 ? null : output;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `there is no ${DOCKER}`;
    throw error;
  }
}

const reason = await missing();
if (reason !== null) console.log(`Skipping the tests of the image in a container: ${reason}`);
const test = reason === null ? Deno.test : Deno.test.ignore;

test("The image serves, survives a kill, restores a backup and stops in time, without a right that it can do without", async () => {
  const name = `tidings-test-${crypto.randomUUID().slice(0, 8)}`;
  const confined = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=512m"];
  const common = [...confined, ...SECRETS.map((secret) => `--env=${secret}`), `--volume=${name}:/app/data`];
  const ready = () =>
    eventually(
      async () => (await docker(["exec", name, "tidings", "targets", "alexander"])).code === 0,
      "that the service answers",
    );
  try {
    await done(["build", "--file", "deploy/Dockerfile", "--tag", name, "."]);
    await done(["run", "--detach", "--name", name, ...common, name]);
    await ready();
    await done(["exec", name, "tidings", "notify", "alexander", '"before"']);
    assertStringIncludes((await docker(["exec", name, "tidings", "check"])).output, "the limit is 512 MiB");
    assertEquals((await docker(["exec", name, "touch", "/app/main.ts"])).code, 1);
    await eventually(
      async () => await done(["inspect", "--format", "{{.State.Health.Status}}", name]) === "healthy",
      "that the health check succeeds",
    );

    await done(["kill", "--signal=KILL", name]);
    await done(["start", name]);
    await ready();
    const { stdout: backup } = await docker(["exec", name, "tidings", "backup", "-"]);
    await done(["exec", name, "tidings", "notify", "alexander", '"after"']);
    assertEquals(await listen(name, 2), ["before", "after"]);

    await done(["stop", "--time=10", name]);
    assertEquals(await done(["inspect", "--format", "{{.State.ExitCode}}", name]), "0");
    assertMatch(await done(["logs", name]), /received SIGTERM, stopping/);
    const restore = ["run", "--rm", "--interactive", ...common, name, "tidings", "restore", "-", "--replace"];
    assertMatch(await done(restore, backup), /^restored data\/tidings\.db/);
    await done(["start", name]);
    await ready();
    assertEquals(await listen(name, 1), ["before"]);
  } finally {
    await docker(["rm", "--force", name]);
    await docker(["volume", "rm", name]);
    await docker(["image", "rm", name]);
  }
});

test("The image says what is missing, and ends with 2", async () => {
  const name = `tidings-test-${crypto.randomUUID().slice(0, 8)}`;
  try {
    await done(["build", "--file", "deploy/Dockerfile", "--tag", name, "."]);
    const { code, output } = await docker(["run", "--rm", name]);
    assertEquals(code, 2);
    assert(output.includes("TIDINGS_PUBLISHER_KEYS"), output);
  } finally {
    await docker(["image", "rm", name]);
  }
});

/** The data of the first notifications that are kept. */
async function listen(name: string, count: number): Promise<unknown[]> {
  const args = ["tidings", "listen", "alexander", "--after", "earliest", "--json", "--count", String(count)];
  const { stdout } = await docker(["exec", name, ...args]);
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line).data);
}
