/** Benchmarks of marks: what a mark costs beside a notification, and an inbox while notifications arrive. */

import { MemoryJournal } from "../../src/journal/memory.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { SqliteJournal } from "../../src/journal/sqlite/sqlite_journal.ts";
import { drafts } from "./node.ts";

const FEED = { offer: () => true, gap: () => {} };
const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 2 ** 40 };
const TARGETS = 100;
const KEPT = 22;
const PAGE = { entries: 50, bytes: 2 ** 20 };
const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const targets = Array.from({ length: TARGETS }, (_, n) => `target-${n}`);
const hundred = targets.flatMap((target) => drafts(target, 1));

function sqlite(name: string): Promise<SqliteJournal> {
  const options = { retention: RETENTION, synchronous: "full", onFailure: console.error } as const;
  return SqliteJournal.open(`${folder}/${name}.db`, FEED, options);
}

/** Gives each target a mark with ten exceptions, and returns the positions of the eleventh of each. */
async function prepare(journal: Journal): Promise<string[]> {
  const elevenths: string[] = [];
  for (const target of targets) {
    await journal.append(drafts(target, KEPT));
    const { entries } = await journal.inbox(target, null, { entries: KEPT, bytes: 2 ** 20 });
    const positions = entries.map(({ position }) => position).filter((_, index) => index % 2 === 0);
    elevenths.push(positions.pop() ?? "");
    await journal.mark(target, { type: "read", positions });
  }
  return elevenths;
}

/** Marks one more notification of each target as read, and the next time as unread. */
function toggle(journal: Journal, elevenths: readonly string[]): () => Promise<unknown> {
  let count = 0;
  return function markHundred() {
    const type = count++ % 2 === 0 ? "read" : "unread";
    return Promise.all(
      targets.map((target, n) => journal.mark(target, { type, positions: [elevenths[n] ?? ""] })),
    );
  };
}

for (
  const [name, append, mark] of [
    ["in memory", new MemoryJournal(FEED, RETENTION), new MemoryJournal(FEED, RETENTION)],
    ["in a file", await sqlite("append"), await sqlite("mark")],
  ] as const
) {
  const group = `marks ${name}`;
  const markHundred = toggle(mark, await prepare(mark));
  Deno.bench(`100 notifications, one per append, ${name}`, { group, baseline: true }, async () => {
    await Promise.all(hundred.map((draft) => append.append([draft])));
  });
  Deno.bench(`100 marks with ten exceptions, ${name}`, { group }, async () => {
    await markHundred();
  });
}

const busy = await sqlite("inbox");
await busy.append(drafts("alexander", RETENTION.perTarget));
const { position: through } = await busy.inbox("alexander", null, { entries: 0, bytes: 0 });
await busy.mark("alexander", { type: "read", through });

Deno.bench("an inbox of 50 among 1,000, idle", { group: "inbox", baseline: true, n: 500 }, async () => {
  await busy.inbox("alexander", null, PAGE);
});

Deno.bench(
  "an inbox of 50 among 1,000, beside 2,000 notifications/s",
  { group: "inbox", n: 500 },
  async (b) => {
    using _load = startLoad(busy);
    await new Promise((resolve) => setTimeout(resolve, 3)); // at another moment of the load each time
    b.start();
    await busy.inbox("alexander", null, PAGE);
    b.end();
  },
);

/** Appends ten notifications to different targets every 5 ms. */
function startLoad(journal: Journal): Disposable {
  let next = 0;
  const timer = setInterval(() => {
    for (let n = 0; n < 10; n++) void journal.append(drafts(`target-${next++ % 1_000}`, 1));
  }, 5);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
