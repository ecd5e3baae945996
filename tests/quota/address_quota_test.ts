/** Tests AddressQuota: what each address may send, on one node, and on several that tell each other what was spent. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { AddressQuota } from "../../src/quota/address_quota.ts";

const LIMIT = { perSecond: 10, burst: 20 };

function createQuota(now: () => number = () => 0): AddressQuota {
  return new AddressQuota({
    name: "attempts",
    limit: LIMIT,
    subject: "an address may send",
    unit: "wrong keys and tokens",
    now,
    onLimited() {},
  });
}

/** Takes as many tokens as there are. */
function exhaust(quota: AddressQuota, network: string): number {
  for (let count = 0;; count++) if (quota.tryTake(network) > 0) return count;
}

Deno.test("AddressQuota limits each network alone", () => {
  const quota = createQuota();
  assertEquals([exhaust(quota, "192.0.2.1"), exhaust(quota, "192.0.2.2")], [20, 20]);
  assertEquals(quota.tryTake("192.0.2.1"), 100);
});

Deno.test("AddressQuota tells what was spent once, and takes from its buckets what was spent elsewhere", () => {
  const quota = createQuota();
  quota.tryTake("192.0.2.1");
  assertEquals(quota.takeSpent(), []); // it counts from the first call on
  for (const network of ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) quota.tryTake(network);
  assertEquals(quota.takeSpent(), [
    { limit: "attempts", of: "192.0.2.1", count: 2 },
    { limit: "attempts", of: "192.0.2.2", count: 1 },
  ]);
  assertEquals(quota.takeSpent(), []);
  quota.receive([
    { limit: "attempts", of: "192.0.2.1", count: 10 },
    { limit: "address-requests", of: "192.0.2.1", count: 10 },
    { limit: "attempts", of: "192.0.2.3", count: 15 },
  ], 0);
  assertEquals(["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((network) => exhaust(quota, network)), [7, 19, 5]);
});

Deno.test("AddressQuota tells nothing of what it has refused, and nothing of what others have told it", () => {
  const quota = createQuota();
  quota.takeSpent();
  quota.receive([{ limit: "attempts", of: "192.0.2.1", count: 15 }], 0);
  assertEquals(exhaust(quota, "192.0.2.1"), 5);
  assertEquals(quota.takeSpent(), [{ limit: "attempts", of: "192.0.2.1", count: 5 }]);
});

Deno.test("AddressQuota tells of a thousand networks at most: those that have spent the most", () => {
  const quota = createQuota();
  quota.takeSpent();
  for (let network = 0; network < 20_000; network++) quota.tryTake(`2001:db8:${network.toString(16)}::/64`);
  for (let count = 0; count < 9; count++) quota.tryTake("2001:db8:1f00::/64"); // the 7,937th
  const spent = quota.takeSpent();
  assertEquals([spent.length, spent[0]], [1_000, { limit: "attempts", of: "2001:db8:1f00::/64", count: 10 }]);
});

Deno.test("AddressQuota on several nodes keeps to the limit within a heartbeat, wherever an address goes", () => {
  const attempts = fc.array(fc.record({ node: fc.nat(2), ms: fc.nat(300) }), {
    minLength: 200,
    maxLength: 600,
  });
  fc.assert(fc.property(attempts, (attempts) => {
    let now = 0, taken = 0, beatAt = 0;
    const nodes = [0, 1, 2].map(() => createQuota(() => now));
    for (const { node, ms } of attempts) {
      now += ms;
      for (; beatAt <= now; beatAt += 1_000) {
        for (const [from, spent] of nodes.map((quota) => quota.takeSpent()).entries()) {
          for (const [to, quota] of nodes.entries()) if (to !== from) quota.receive(spent, 1_000);
        }
      }
      for (let count = 0; count < 5; count++) taken += nodes[node]?.tryTake("192.0.2.1") === 0 ? 1 : 0;
    }
    const most = LIMIT.burst + LIMIT.perSecond * now / 1_000, slack = 2 * (LIMIT.burst + LIMIT.perSecond);
    assert(taken <= most + slack, `${taken} of ${most} and ${slack}`);
  }));
});
