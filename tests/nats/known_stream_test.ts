/** KnownStream: how a stream compares to what is known of it. */

import { assertEquals } from "@std/assert";
import { KnownStream, type StreamFacts } from "../../src/nats/known_stream.ts";

const CREATED = "2026-11-28T17:08:30.5Z";

interface Facts {
  readonly created?: string;
  readonly leader?: string;
  readonly last?: number;
  readonly replicas?: number;
}

/** The information that a leader gives, as far as it matters. */
function info({ created = CREATED, leader = "n1", last = 10, replicas = 1 }: Facts = {}): StreamFacts {
  return { created, cluster: { leader }, state: { last_seq: last }, config: { num_replicas: replicas } };
}

Deno.test("KnownStream is replaced if its leader knows another date, or another leader one of another minute", () => {
  const known = new KnownStream(info());
  const later = "2026-11-28T17:08:30.6Z", muchLater = "2026-11-28T17:10:00Z";
  const changes = [
    info({ created: later }),
    info({ created: later, leader: "n2" }),
    info({ created: muchLater, leader: "n2" }),
  ].map((info) => known.compare(info));
  assertEquals(changes, ["replaced", "none", "replaced"]);
});

Deno.test("KnownStream with one replica is rolled back as soon as it ends earlier than before", () => {
  const known = new KnownStream(info());
  assertEquals([10, 11, 9].map((last) => known.compare(info({ last }))), ["none", "none", "rolled back"]);
  assertEquals(known.compare(info({ last: 12 }), 13), "rolled back", "13 was seen elsewhere");
  known.accept(info({ last: 9 }));
  assertEquals(known.compare(info({ last: 9 })), "none");
});

Deno.test("KnownStream with replicas may be behind for some checks, because its leader may be new", () => {
  const known = new KnownStream(info({ replicas: 3 }));
  const check = (last: number) => known.compare(info({ last, replicas: 3, leader: "n2" }));
  assertEquals([9, 9, 10].map(check), ["behind", "behind", "none"]);
  assertEquals(Array.from({ length: 6 }, () => check(9)), [...Array(5).fill("behind"), "rolled back"]);
});
