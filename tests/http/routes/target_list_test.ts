/** The list of who is connected: its pages over several nodes, while targets come and go. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FirstTargets } from "../../../src/cluster/first_targets.ts";
import type { ConnectedTarget, NodeAnswer } from "../../../src/cluster/nodes.ts";
import { Tab } from "../../hub/test_hub.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };

interface Page {
  readonly targets: readonly { target: string; connections: number; nodes: string[] }[];
  readonly next: string | null;
}

async function getPage(nodes: TestNodes, query: Record<string, string>): Promise<Page> {
  const path = `/v1/targets?${new URLSearchParams(query)}`;
  const response = await createTestApp({ nodes }).app.request(path, PUBLISHER);
  assertEquals(response.status, 200, await response.clone().text());
  return await response.json();
}

function connected(target: string, websocket: number, sse = 0): ConnectedTarget {
  return { target, connections: { websocket, sse } };
}

Deno.test("listTargets lists the targets of all nodes in order, with the sum of their connections", async () => {
  const nodes = new TestNodes({
    targets: () => [
      { node: "n3", value: [connected("alexander", 1, 2), connected("burr", 1)] },
      { node: "n1", value: [connected("Angelica", 0, 1), connected("alexander", 2)] },
      { node: "n2", value: [] },
    ],
  });
  assertEquals<unknown>(await getPage(nodes, {}), {
    targets: [
      { target: "Angelica", connections: 1, transports: { websocket: 0, sse: 1 }, nodes: ["n1"] },
      { target: "alexander", connections: 5, transports: { websocket: 3, sse: 2 }, nodes: ["n1", "n3"] },
      { target: "burr", connections: 1, transports: { websocket: 1, sse: 0 }, nodes: ["n3"] },
    ],
    next: null,
  });
  assertEquals(nodes.asked, [{ kind: "targets", after: "", limit: 101 }]);
});

Deno.test("listTargets answers 503 with the name of the node that could not answer, and no page", async () => {
  const nodes = new TestNodes({
    targets: () => [{ node: "n1", value: [connected("burr", 1)] }, { node: "n2", error: "password=hunter2" }],
  });
  const response = await createTestApp({ nodes }).app.request("/v1/targets", PUBLISHER);
  assertEquals(response.headers.get("retry-after"), "1");
  const { detail } = await assertProblem(response, "503 unavailable");
  assertEquals(detail, "node n2 could not answer");
});

for (
  const query of ["limit=0", "limit=1001", "limit=ten", "limit=", "after=%00", `after=${"a".repeat(257)}`]
) {
  Deno.test(`listTargets refuses ?${query.slice(0, 20)} with 400`, async () => {
    const nodes = new TestNodes({ targets: () => [] });
    const response = await createTestApp({ nodes }).app.request(`/v1/targets?${query}`, PUBLISHER);
    await assertProblem(response, "400 bad-request");
    assertEquals(nodes.asked, []);
  });
}

Deno.test("listTargets requires a publisher key", async () => {
  await assertProblem(await createTestApp().app.request("/v1/targets"), "401 not-authorized");
});

/** What a node has between two pages. */
type Connected = ReadonlySet<string>;

/** Answers as nodes do that have these targets. */
function answer(all: readonly Connected[], page: { after: string; limit: number }): NodeAnswer<"targets">[] {
  return all.map((targets, index) => {
    const first = new FirstTargets(page);
    for (const target of targets) if (first.wants(target)) first.add(target, [new Tab("1", target)]);
    return { node: `n${index}`, value: first.list() };
  });
}

const target = fc.constantFrom(
  ..."abcdefghij".split("").flatMap((letter) => [letter, `${letter}é`, `${letter}🗽/ ?&`]),
);
const node = fc.uniqueArray(target).map((targets) => new Set(targets));
const states = fc.array(fc.tuple(node, node, node), { minLength: 1, maxLength: 40 });

Deno.test("listTargets lists every target that stays on a node in exactly one page, whatever others do", async () => {
  await fc.assert(fc.asyncProperty(states, fc.integer({ min: 1, max: 7 }), async (states, limit) => {
    let requests = 0;
    const last = states.at(-1) ?? [];
    const nodes = new TestNodes({ targets: (page) => answer(states[requests++] ?? last, page) });
    const listed: string[] = [];
    for (let next: string | null = ""; next !== null;) {
      const page: Page = await getPage(nodes, { after: next, limit: `${limit}` });
      listed.push(...page.targets.map(({ target }) => target));
      next = page.next;
    }
    assertEquals(listed, [...new Set(listed)].sort());
    const during = [...states.slice(0, requests), ...requests > states.length ? [last] : []];
    const stayed = [0, 1, 2].flatMap((index) =>
      [...during[0]?.[index] ?? []].filter((one) => during.every((all) => all[index]?.has(one)))
    );
    const ever = new Set(during.flatMap((all) => all.flatMap((targets) => [...targets])));
    assertEquals([...new Set(stayed)].filter((one) => !listed.includes(one)), []);
    assertEquals(listed.filter((one) => !ever.has(one)), []);
  }));
});
