/** What a notification costs the thread that owns the journal, if it comes from a worker and goes to one: `deno run -A`. */

import { MemoryJournal } from "../../src/journal/memory.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { LinkedIsolates } from "../workers/linked_isolates.ts";

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 64 * 1024 * 1024 };
const TARGETS = 1_000, ROUNDS = 400, NOTIFICATIONS = 1_600;
const DATA = JSON.stringify({ text: "x".repeat(100) });

/** Returns microseconds a notification: the fastest tenth of the rounds, because other programs slow the others down. */
async function measure(perRequest: number): Promise<number> {
  const isolates = new LinkedIsolates();
  isolates.own((feed) => new MemoryJournal(feed, RETENTION));
  const worker = isolates.join(1), journal = worker.journal({ offer: () => true, gap() {} });
  const following = Array.from({ length: TARGETS }, (_, target) => journal.follow(`t${target}`));
  await Promise.all(following);
  const times: number[] = [];
  let number = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const appended = Array.from(
      { length: NOTIFICATIONS / perRequest },
      () =>
        journal.append(Array.from({ length: perRequest }, () => (
          { ...PLAIN_DRAFT, id: crypto.randomUUID(), target: `t${number++ % TARGETS}`, data: DATA }
        ))),
    );
    const startedAt = performance.now();
    while (isolates.owner.inlets.take());
    for (let turn = 0; turn < 4; turn++) await undefined; // the journal's promises, and then the receipts
    times.push(performance.now() - startedAt);
    journal.receive();
    await Promise.all(appended);
  }
  isolates.close();
  return 1_000 * (times.toSorted((a, b) => a - b)[ROUNDS / 10] ?? NaN) / NOTIFICATIONS;
}

for (const perRequest of [1, 100]) {
  console.log(`${perRequest} a request: ${(await measure(perRequest)).toFixed(2)} µs on the owner's thread`);
}
