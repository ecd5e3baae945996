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

Deno.bench(`follow and unfollow ${TARGETS} targets`, { group: "follow", n: 3, warmup: 1 }, async () => {
  const targets = Array.from({ length: TARGETS }, (_, n) => `target-${n}`);
  await Promise.all(targets.map((target) => nats.follow(target)));
  for (const target of targets) nats.unfollow(target);
  await link.connection.flush();
});
