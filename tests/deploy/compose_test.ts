/** Tests of the health checks in the compose files: each service has one, and it works. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findProgram } from "../find_program.ts";
import { startNode } from "./nodes.ts";
import { HAPROXY } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { FakeNode } from "./fake_node.ts";

const FOLDER = new URL("../../deploy/", import.meta.url);

/** Returns a command of a compose file for another port. */
async function commandIn(file: string, pattern: RegExp, port: number): Promise<string> {
  const [, command = ""] = pattern.exec(await Deno.readTextFile(new URL(file, FOLDER))) ?? [];
  assert(command.includes("8000"));
  return command.replace("8000", `${port}`);
}

async function exitCode(program: string, args: readonly string[]): Promise<number> {
  return (await new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).output()).code;
}

const COMPOSE_GO = findProgram("the loader of compose files", {
  variable: "COMPOSE_GO",
  defaultPath: `${Deno.env.get("HOME")}/go/bin/compose-go`,
});

/** What the loader of compose files says of one; empty if it accepts it. */
async function refusalOf(text: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(path, text);
  const { success, stdout, stderr } = await new Deno.Command(COMPOSE_GO.path, { args: [path] }).output();
  await Deno.remove(path);
  return success ? "" : [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

for (const file of ["compose.yaml", "compose.cluster.yaml"]) {
  COMPOSE_GO.test(`${file} fits the schema of compose files`, async () => {
    const text = await Deno.readTextFile(new URL(file, FOLDER));
    assertEquals(await refusalOf(text), "");
    const misspelled = text.replaceAll("stop_grace_period:", "stop_grace_time:");
    assertStringIncludes(await refusalOf(misspelled), "stop_grace_time");
  });

  Deno.test(`Each service of ${file} has a health check`, async () => {
    const text = await Deno.readTextFile(new URL(file, FOLDER));
    const templates = [...text.split("\nservices:")[0]?.matchAll(/^x-\S+: &(\S+)\n((?: .*\n)+)/gm) ?? []];
    const checked = new Set(
      templates.flatMap(([, name, body]) => /^ {2}healthcheck:/m.test(body ?? "") ? [name] : []),
    );
    const [, services = ""] = /\nservices:\n((?: .*\n|\n)+)/.exec(text) ?? [];
    const bodies = [...services.matchAll(/^ {2}(\S+):(.*\n(?: {4}.*\n|\n(?= {4}))*)/gm)];
    assert(bodies.length > 0);
    const without = bodies.filter(([, , body = ""]) =>
      !/^ {4}healthcheck:/m.test(body) && !checked.has(/\*(\w+)/.exec(body)?.[1])
    );
    assertEquals(without.map(([, name]) => name), []);
  });

  Deno.test(`The health check of a node in ${file} reports whether it is ready`, async () => {
    const pattern = /"(Deno\.exit.*)"/;
    const check = async (port: number) =>
      await exitCode(Deno.execPath(), ["eval", "--no-config", await commandIn(file, pattern, port)]);
    await using node = await startNode();
    await using notReady = new FakeNode(() => new Response(), { isReady: false });
    assertEquals([await check(node.port), await check(notReady.port)], [0, 1]);
  });
}

HAPROXY.test("The health check of the proxy in compose.cluster.yaml reports whether it reaches a node", async () => {
  const check = async (port: number) =>
    await exitCode("bash", ["-c", await commandIn("compose.cluster.yaml", /- (exec 3<>.*)/, port)]);
  const node = await startNode();
  await using proxy = await Proxy.start(HAPROXY, [node.port, node.port, node.port]);
  assertEquals(await check(proxy.port), 0);
  await node.stop();
  assertEquals(await check(proxy.port), 1);
});
