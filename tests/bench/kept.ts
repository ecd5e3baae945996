/**
 * Measures what many kept notifications cost a node with SQLite: memory, disk, and time to start. It prints the node
 * with an empty file beside the node with the full one. Linux only.
 *
 * `deno run -A tests/bench/kept.ts 1000000`
 */

import { assert } from "@std/assert";
import { SqliteJournal } from "../../src/journal/sqlite/sqlite_journal.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { cpuSeconds } from "./load/usage.ts";
import { drafts } from "./node.ts";

const PER_TARGET = 50;
const TARGETS_PER_APPEND = 100;
const SECONDS = 30 * 86_400;
const BYTES = 2 ** 40;
const MB = 1024 * 1024;

const count = Number(Deno.args[0] ?? 1_000_000);
assert(Number.isInteger(count) && count > 0, "usage: deno run -A tests/bench/kept.ts [COUNT]");
const folder = await Deno.makeTempDir();
try {
  console.table([await startWith(0), await startWith(count)]);
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Starts a node whose file has so many notifications, fifty for each target, half of which are read. */
async function startWith(notifications: number): Promise<Record<string, string>> {
  const path = `${folder}/${notifications}.db`;
  const bytes = await fill(path, notifications);
  const environment = {
    TIDINGS_JOURNAL: `sqlite:${path}`,
    TIDINGS_RETENTION_SECONDS: `${SECONDS}`,
    TIDINGS_RETENTION_BYTES: `${BYTES}`,
  };
  const start = performance.now();
  await using service = await ServiceProcess.start(environment, { folder });
  const seconds = (performance.now() - start) / 1_000, cpu = cpuSeconds(service.pid);
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // V8 gives memory back
  const resident = await service.residentMemory();
  return {
    notifications: notifications.toLocaleString("en"),
    "start in s": seconds.toFixed(1),
    "of CPU": `${cpu?.toFixed(1)}`,
    "memory in MB": (resident / MB).toFixed(),
    "file in MB": (bytes / MB).toFixed(),
  };
}

/** Fills a new file, and returns its size in bytes. */
async function fill(path: string, notifications: number): Promise<number> {
  const retention = { seconds: SECONDS, perTarget: 1_000, bytes: BYTES };
  const options = { retention, synchronous: "normal", onFailure: console.error } as const;
  const journal = await SqliteJournal.open(path, { offer: () => true, gap: () => {} }, options);
  for (let n = 0; n < notifications / PER_TARGET; n += TARGETS_PER_APPEND) {
    const targets = Array.from({ length: TARGETS_PER_APPEND }, (_, index) => `target-${n + index}`);
    for (let round = 0; round < 2; round++) {
      await journal.append(targets.flatMap((target) => drafts(target, PER_TARGET / 2)));
      const { next: through } = await journal.read("anyone", null, { entries: 0, bytes: 0 });
      if (round > 0) continue;
      await Promise.all(targets.map((target) => journal.mark(target, { type: "read", through })));
    }
  }
  await journal.close();
  return (await Deno.stat(path)).size;
}
