/**
 * Tests with Java's HTTP client, which offers an upgrade to HTTP/2 with each request over plain HTTP, and with its
 * WebSocket, which sends `Content-Length: 0` before JDK 19.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Tab } from "../end_to_end/tab.ts";
import { findProgram } from "../find_program.ts";
import { PUBLISHER_KEY, queryOf, startNode, token } from "./nodes.ts";
import { PROGRAMS } from "./programs.ts";
import { Proxy } from "./proxy.ts";

const JAVA = findProgram("Java", { variable: "JAVAC", defaultPath: "/usr/bin/javac" });

/** Runs the Java program and returns what it prints. */
async function run(program: "Publisher" | "Subscriber", args: readonly string[]): Promise<string> {
  const source = new URL(`${program}.java`, import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(JAVA.path.replace(/javac$/, "java"), {
    args: ["-XX:TieredStopAtLevel=1", source, ...args],
  }).output();
  return new TextDecoder().decode(success ? stdout : stderr);
}

/** Returns the status of the answer. */
function publish(url: string, version: "default" | "HTTP_1_1"): Promise<string> {
  return run("Publisher", [url, PUBLISHER_KEY, version]);
}

for (const program of PROGRAMS) {
  const test = program.test === Deno.test ? JAVA.test : Deno.test.ignore;
  test(`${program.name} forwards what Java's HTTP client publishes`, async () => {
    await using node = await startNode();
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    const { tab } = await Tab.open(proxy.port, await queryOf("alexander"));
    await using _tab = tab;
    assertEquals(await publish(proxy.url, "default"), "202");
    assertEquals(await tab.data(1), ["from Java"]);
  });

  test(`${program.name} forwards the WebSocket of Java`, async () => {
    await using node = await startNode();
    await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
    const printed = await run("Subscriber", [
      `ws://127.0.0.1:${proxy.port}/v1/connect`,
      await token("alexander"),
    ]);
    assertMatch(printed, /^tidings\.v1 \[\{"type":"welcome"/);
  });
}

JAVA.test("A node accepts what Java's HTTP client publishes over HTTP/1.1, without a proxy", async () => {
  await using node = await startNode();
  assertEquals(await publish(node.url, "HTTP_1_1"), "202");
});
