/** disconnect: closes the connections of a target. */

import { assertEquals } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { PUBLISHER_KEY, testApp } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { method: "DELETE", headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };

Deno.test("disconnect has all nodes close the target's connections, and says how many they were", async () => {
  const nodes = new TestNodes({ disconnect: () => [{ node: "n1", value: 2 }, { node: "n2", value: 3 }] });
  const response = await testApp({ nodes }).app.request("/v1/targets/a%2Fb/connections", PUBLISHER);
  assertEquals([response.status, await response.json()], [200, { closed: 5 }]);
  assertEquals(nodes.asked, [{ kind: "disconnect", target: "a/b" }]);
});

Deno.test("disconnect says so if a node could not, and can be asked again", async () => {
  const nodes = new TestNodes({
    disconnect: () => [{ node: "n1", value: 2 }, { node: "n2", error: "why" }],
  });
  const response = await testApp({ nodes }).app.request("/v1/targets/alexander/connections", PUBLISHER);
  await assertProblem(response, "503 unavailable");
});

Deno.test("disconnect refuses what is no target", async () => {
  for (const target of ["%0a", "%zz", "a".repeat(257)]) {
    const response = await testApp().app.request(`/v1/targets/${target}/connections`, PUBLISHER);
    await assertProblem(response, "400 bad-request");
  }
});

Deno.test("disconnect is for publishers only", async () => {
  const response = await testApp().app.request("/v1/targets/alexander/connections", { method: "DELETE" });
  await assertProblem(response, "401 not-authorized");
});
