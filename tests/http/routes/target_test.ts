/** target: which connections a target has. */

import { assertEquals } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { PUBLISHER_KEY, testApp } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };
const AT = Date.UTC(1804, 6, 11, 7);

Deno.test("target lists the connections of the target on all nodes, with what node each is on", async () => {
  const nodes = new TestNodes({
    connections: () => [
      { node: "n1", value: [{ id: "c1", transport: "websocket", connectedAt: AT, behind: false }] },
      { node: "n2", value: [] },
      { node: "n3", value: [{ id: "c2", transport: "sse", connectedAt: AT + 1, behind: true }] },
    ],
  });
  const response = await testApp({ nodes }).app.request("/v1/targets/a%2Fb%20%F0%9F%97%BD%2541", PUBLISHER);
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  assertEquals(await response.json(), {
    target: "a/b 🗽%41",
    connections: [
      {
        id: "c1",
        transport: "websocket",
        connected_at: "1804-07-11T07:00:00.000Z",
        node: "n1",
        behind: false,
      },
      { id: "c2", transport: "sse", connected_at: "1804-07-11T07:00:00.001Z", node: "n3", behind: true },
    ],
  });
  assertEquals(nodes.asked, [{ kind: "connections", target: "a/b 🗽%41" }]);
});

Deno.test("target lists nothing of a target that has no connections", async () => {
  const nodes = new TestNodes({ connections: () => [{ node: "n1", value: [] }] });
  const response = await testApp({ nodes }).app.request("/v1/targets/nobody", PUBLISHER);
  assertEquals(await response.json(), { target: "nobody", connections: [] });
});

for (
  const [path, problem] of [
    ["/v1/targets/%00", "400 bad-request"],
    ["/v1/targets/%ff", "400 bad-request"],
    [`/v1/targets/${"a".repeat(257)}`, "400 bad-request"],
    ["/v1/targets/", "404 not-found"],
    ["/v1/targets", "404 not-found"],
    ["/v1/targets/a/b", "404 not-found"],
  ] as const
) {
  Deno.test(`target answers ${path.slice(0, 20)} with ${problem}`, async () => {
    await assertProblem(await testApp().app.request(path, PUBLISHER), problem);
  });
}

Deno.test("target tells nothing if a node could not answer, rather than a part of it", async () => {
  const nodes = new TestNodes({
    connections: () => [{ node: "n1", value: [] }, { node: "n2", error: "password=hunter2" }],
  });
  const response = await testApp({ nodes }).app.request("/v1/targets/alexander", PUBLISHER);
  assertEquals(response.headers.get("retry-after"), "1");
  const { detail } = await assertProblem(response, "503 unavailable");
  assertEquals(detail, "node n2 could not answer");
});

Deno.test("target is for publishers only, whatever the path", async () => {
  for (const path of ["/v1/targets/alexander", "/v1/targets/%ff"]) {
    await assertProblem(await testApp().app.request(path), "401 not-authorized");
  }
});
