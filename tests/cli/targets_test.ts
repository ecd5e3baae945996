/** targets without a target: lists who is connected. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EXIT } from "../../src/cli/call/failure.ts";
import { FakeNode } from "../deploy/fake_node.ts";
import { Tab } from "../end_to_end/tab.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { tidings } from "./command.ts";

Deno.test("targets lists who is connected, as a table or as a line of JSON for each target", async () => {
  await using service = await TestService.start();
  const environment = { TIDINGS_URL: service.url };
  assertEquals((await tidings(["targets"], { environment })).stdout, "no target is connected\n");
  assertEquals((await tidings(["targets", "--json"], { environment })).stdout, "");
  for (const target of ["alexander", "alexander", "a b&c/🗽"]) await Tab.open(service.port, { target });
  const { stdout } = await tidings(["targets"], { environment });
  assertEquals(stdout.split("\n"), [
    "connections  websocket    sse  nodes  target",
    "          1          1      0      1  a b&c/🗽",
    "          2          2      0      1  alexander",
    "",
  ]);
  const lines = (await tidings(["targets", "--json", "--after", "a b&c/🗽"], { environment })).stdout.split(
    "\n",
  );
  const { nodes, ...listed } = JSON.parse(lines[0] ?? "");
  assertEquals(listed, { target: "alexander", connections: 2, transports: { websocket: 2, sse: 0 } });
  assertEquals([nodes.length, lines.length], [1, 2]);
  const after = await tidings(["targets", "--after", "burr"], { environment });
  assertEquals(after.stdout, "no target after burr is connected\n");
});

Deno.test("targets prints the pages that it has received, and then names the node that is missing", async () => {
  const page = {
    targets: [{ target: "a", connections: 1, transports: { websocket: 1, sse: 0 }, nodes: ["n1"] }],
    next: "a",
  };
  const problem = {
    type: "urn:tidings:problem:unavailable",
    title: "Unavailable",
    status: 503,
    detail: "node n2 could not answer",
  };
  const answers = [Response.json(page), Response.json(problem, { status: 503 })];
  await using node = new FakeNode(() => answers.shift() ?? Response.error());
  const environment = { TIDINGS_URL: `http://127.0.0.1:${node.port}` };
  const { code, stdout, stderr } = await tidings(["targets"], { environment });
  assertEquals(code, EXIT.unreachable);
  assert(stdout.endsWith("  a\n"), stdout);
  assertStringIncludes(stderr, "node n2 could not answer");
});

Deno.test("targets refuses --after beside a target", async () => {
  const { code, stderr } = await tidings(["targets", "alexander", "--after", "burr"]);
  assertEquals(code, EXIT.usage);
  assertStringIncludes(stderr, "--after is only for all targets");
});
