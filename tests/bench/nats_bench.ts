/** Benchmarks of the NATS journal beside the one in a file; they need nats-server. */

import { NatsJournal } from "../../src/journal/nats/nats_journal.ts";
import { SqliteJournal } from "../../src/journal/sqlite/sqlite_journal.ts";
import { NatsServer } from "../nats/nats_server.ts";
import { drafts } from "./node.ts";

let offered = () => {};
const FEED = { offer: () => (offered(), true), gap: () => {} };
const RETENTION = { seconds: 3_600, perTarget: 1_000_000, bytes: 2 ** 33 };
const TARGETS = 100_000;

const server = await NatsServer.started();
addEventListener("unload", () => server.signal("SIGKILL"));
const link = await server.link({ requestMs: 10_000 });
const nats = await NatsJournal.open(link, FEED, {
  stream: "tidings",
  replicas: 1,
  retention: RETENTION,
  checkMs: 1_000,
  onReachabilityChange: () => {},
  onLoss: () => {},
  onDamage: () => {},
  onPresence: () => {},
  report: (error) => console.error(error),
});
const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const sqlite = await SqliteJournal.open(`${folder}/j.db`, FEED, {
  retention: RETENTION,
  synchronous: "full",
  onFailure: (error) => console.error(error),
});

const hundred = Array.from({ length: 100 }, (_, n) => drafts(`target-${n}`, 1)).flat();
const withIds = () => hundred.map((draft) => ({ ...draft, id: crypto.randomUUID(), digest: "d" }));

Deno.bench("append 100, in a file", { group: "append", baseline: true }, async () => {
  await sqlite.append(hundred);
});
Deno.bench("append 100, in NATS", { group: "append" }, async () => {
  await nats.append(hundred);
});
Deno.bench("append 100 with their own ids, in a file", { group: "append" }, async () => {
  await sqlite.append(withIds());
});
Deno.bench("append 100 with their own ids, in NATS", { group: "append" }, async () => {
  await nats.append(withIds());
});

for (const [name, journal] of [["a file", sqlite], ["NATS", nats]] as const) {
  await journal.follow("alexander");
  Deno.bench(`one notification from append to the feed, in ${name}`, { group: "delivery" }, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    offered = resolve;
    await journal.append(drafts("alexander", 1));
    await promise;
  });
}

const { next: start } = await nats.read("alexander", null, { entries: 0, bytes: 0 });
await nats.append(drafts("alexander", 1_000));

Deno.bench("the start of a returning tab, in NATS", { group: "read", baseline: true }, async () => {
  await nats.read("alexander", start, { entries: 0, bytes: 0 });
});
Deno.bench("a page of 64 KiB, in NATS", { group: "read" }, async () => {
  await nats.read("alexander", start, { entries: 512, bytes: 64_512 });
});

const receipts = await nats.append(drafts("burr", 1_000));
const kept = receipts.map((receipt) => receipt.outcome === "conflict" ? "" : receipt.position);
await nats.mark("burr", { type: "read", through: kept.at(-2) ?? "" });
let toggles = 0;

/** Marks the notification as read and as unread in turn, so that each mark is stored. */
async function toggle(position: string): Promise<void> {
  await nats.mark("burr", { type: toggles++ % 2 === 0 ? "read" : "unread", positions: [position] });
}

Deno.bench("mark the newest of 1,000, in NATS", { group: "marks", baseline: true }, async () => {
  await toggle(kept.at(-1) ?? "");
});
Deno.bench("mark the oldest of 1,000, in NATS", { group: "marks" }, async () => {
  await toggle(kept[0] ?? "");
});
Deno.bench("20 marks at once, in NATS", { group: "marks" }, async () => {
  await Promise.all(kept.slice(-20).map((position) => toggle(position)));
});
Deno.bench("an inbox of 50 of 1,000, in NATS", { group: "marks" }, async () => {
  await nats.inbox("burr", null, { entries: 50, bytes: 65_536 });
});

Deno.bench(`follow and unfollow ${TARGETS} targets`, { group: "follow", n: 3, warmup: 1 }, async () => {
  const targets = Array.from({ length: TARGETS }, (_, n) => `target-${n}`);
  await Promise.all(targets.map((target) => nats.follow(target)));
  for (const target of targets) nats.unfollow(target);
  await link.connection.flush();
});
