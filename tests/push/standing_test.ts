/** Standings: whether notifications stand, as the journal says, and in how many readings it finds out. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { Standings } from "../../src/push/standing.ts";

const START = Date.UTC(1804, 6, 11, 7);

function setUp({ perTarget = 1_000 } = {}) {
  const retention = { seconds: 3_600, perTarget, bytes: 1024 * 1024 };
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, retention, () => START);
  let reads = 0;
  const standings = new Standings({
    read: (...parameters) => {
      reads++;
      return journal.read(...parameters);
    },
  });
  const post = async (id: string) => {
    const { next: after } = await journal.read("alexander", null, { entries: 0, bytes: 0 });
    const plain = { data: "1", ttl: null, topic: null, urgency: null, push: null, digest: null };
    const [receipt] = await journal.append([{ ...plain, id, target: "alexander" }]);
    assert(receipt?.outcome === "kept");
    return { id, target: "alexander", after, position: receipt.position };
  };
  return { journal, standings, post, reads: () => reads };
}

Deno.test("Standings answers for each push alone, whatever is asked at once", async () => {
  const { standings, post, journal } = setUp();
  const read = await post("read");
  await journal.mark("alexander", { type: "read", through: read.position });
  const pushes = [read, await post("2"), { ...await post("3"), id: "never" }];
  const later = { ...pushes[1] ?? read, after: pushes[2]?.after ?? read.after }; // an earlier use of the id
  const answers = await Promise.all([...pushes, later].map((push) => standings.of(push)));
  assertEquals(answers.map(({ state }) => state), ["read", "stands", "missing", "missing"]);
});

Deno.test("Standings reads a target once for all that is asked meanwhile", async () => {
  const { standings, post, reads } = setUp();
  const pushes = [];
  for (let n = 0; n < 100; n++) pushes.push(await post(`${n}`));
  const first = Promise.all(pushes.slice(0, 50).map((push) => standings.of(push)));
  await Promise.resolve();
  const answers = [...await first, ...await Promise.all(pushes.slice(50).map((push) => standings.of(push)))];
  assertEquals(answers, pushes.map(({ position }) => ({ state: "stands", position })));
  assertEquals(reads(), 2);
});

Deno.test("Standings takes no push for lost because an older one is", async () => {
  const { standings, post } = setUp({ perTarget: 2 });
  const old = await post("old");
  await post("2");
  const last = await post("3");
  const answers = await Promise.all([old, { ...last, id: "never" }].map((push) => standings.of(push)));
  assertEquals(answers, [{ state: "stands", position: null }, { state: "missing" }]);
});

Deno.test("Standings rejects what it cannot read, and reads again when it is asked again", async () => {
  const { standings, post, journal } = setUp();
  const push = await post("1"), { read } = journal;
  journal.read = () => Promise.reject(new UnavailableError("gone"));
  await assertRejects(() => standings.of(push), UnavailableError);
  journal.read = read;
  assertEquals(await standings.of(push), { state: "stands", position: push.position });
});
