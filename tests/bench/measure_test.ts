/** Tests of measurements of real servers, with small loads. */

import { assertEquals, assertRejects } from "@std/assert";
import { NotInstalledError } from "./install.ts";
import type { Plan } from "./load/plan.ts";
import { PERCENTILES } from "./load/plan.ts";
import { measure } from "./measure.ts";
import type { Peer } from "./peer.ts";
import { JOURNALS, PEERS } from "./peers.ts";

const PLAN: Plan = {
  tabs: 20,
  targets: 10,
  stalled: false,
  missed: 0,
  publishers: 4,
  over: "requests",
  unanswered: 1,
  batch: 1,
  rate: null,
  until: { requests: 50 },
};
const pin = (_core: number, command: readonly string[]) => command;
const secrets = {
  key: "a-key-that-only-this-test-has-ever-heard-of",
  token: "a secret that only this test has ever heard of",
};

function findPeer(name: string): Promise<Peer> {
  const peer = JOURNALS[name] ?? PEERS[name]?.("");
  if (peer === undefined) throw new Error(name);
  return Promise.resolve(peer);
}

/** Returns the name if that peer is installed, or else prints why its tests are left out. */
async function ifInstalled(name: string): Promise<string[]> {
  try {
    await findPeer(name);
    return [name];
  } catch (error) {
    if (!(error instanceof NotInstalledError)) throw error;
    console.log(`Skipping the measurements of ${name}: ${error.message}`);
    return [];
  }
}

const CENTRIFUGO = await ifInstalled("centrifugo");

for (const name of ["memory", "sqlite", "floor", "least", ...CENTRIFUGO]) {
  Deno.test(`measure delivers all of 50 notifications to both tabs of their targets: ${name}`, async () => {
    const result = await measure(await findPeer(name), { plan: PLAN, pin });
    const { connected, refused, accepted, failed, delivered, expected, closed } = result;
    assertEquals({ connected, refused, accepted, failed, delivered, expected, closed }, {
      connected: 20,
      refused: 0,
      accepted: 50,
      failed: 0,
      delivered: 100,
      expected: 100,
      closed: 0,
    });
    assertEquals(result.latencies.length, PERCENTILES.length);
  });
}

for (const name of ["memory", "least", ...CENTRIFUGO]) {
  Deno.test(`measure sends keys and tokens to a server that checks them: ${name}`, async () => {
    const plan: Plan = { ...PLAN, batch: 10, until: { requests: 5 } };
    const result = await measure(await findPeer(name), { plan, pin, secrets });
    assertEquals([result.refused, result.failed, result.delivered], [0, 0, 100]);
  });
}

for (const [over, batch] of [["frames", 1], ["chunks", 10]] as const) {
  Deno.test(`measure delivers what publishers send in ${over}, with keys and several unanswered`, async () => {
    const plan: Plan = { ...PLAN, over, unanswered: 3, batch, until: { requests: 200 / batch } };
    const result = await measure(await findPeer("memory"), { plan, pin, secrets });
    assertEquals([result.accepted, result.failed, result.delivered], [200, 0, 400]);
  });
}

for (const name of ["memory", ...CENTRIFUGO]) {
  Deno.test(`measure delivers to each tab that resumes what it missed: ${name}`, async () => {
    const plan: Plan = { ...PLAN, missed: 3, publishers: 0, until: { seconds: 0 } };
    const peer = await findPeer(name);
    for (const given of [null, secrets]) {
      const { connected, delivered, expected } = await measure(peer, { plan, pin, secrets: given });
      assertEquals([connected, delivered, expected], [20, 60, 60]);
    }
  });
}

Deno.test("measure expects no deliveries to stalled tabs", async () => {
  const plan: Plan = { ...PLAN, stalled: true, batch: 10, until: { requests: 5 } };
  const result = await measure(await findPeer("memory"), { plan, pin });
  assertEquals([result.connected, result.delivered, result.expected], [20, 90, 90]);
});

Deno.test("measure rejects with a clear error if the server exits at once", async () => {
  const peer: Peer = {
    ...await findPeer("floor"),
    name: "nobody",
    start: () => ({ command: [Deno.execPath(), "eval", "Deno.exit(3)"] }),
  };
  await assertRejects(() => measure(peer, { plan: PLAN, pin }), Error, "nobody exited");
});

Deno.test("measure counts the tabs that a server refuses", async () => {
  const tidings = await findPeer("memory");
  const peer: Peer = { ...tidings, routes: { ...tidings.routes, connect: "/nowhere/" } };
  const result = await measure(peer, { plan: { ...PLAN, publishers: 0, until: { seconds: 0 } }, pin });
  assertEquals([result.connected, result.refused], [0, PLAN.tabs]);
});

for (const name of CENTRIFUGO) {
  Deno.test(`measure counts a tab as refused if ${name} closes it after its upgrade`, async () => {
    const peer = await findPeer(name);
    const strict: Peer = { ...peer, checksSecrets: false }; // so the load sends no tokens, which it checks
    const plan: Plan = { ...PLAN, tabs: 2, publishers: 0, until: { seconds: 0 } };
    const result = await measure(strict, { plan, pin, secrets });
    assertEquals([result.connected, result.refused], [0, 2]);
  });
}
