/** BesideRows: push subscriptions in the file of a SQLite journal fulfil the contract, and survive what it survives. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { checksumOf } from "../../../src/journal/sqlite/checksum.ts";
import { FileGuard } from "../../../src/journal/sqlite/file_guard.ts";
import { compact } from "../../../src/journal/sqlite/rebuild.ts";
import { migrate, MIGRATIONS } from "../../../src/journal/sqlite/schema.ts";
import { StoredSubscriptions } from "../../../src/push/stored_subscriptions.ts";
import type { Subscription, SubscriptionsOptions } from "../../../src/push/subscriptions.ts";
import { browser, browsersOf, subscriptionsContract } from "../../contracts/subscriptions.ts";
import { eventually } from "../../eventually.ts";
import { append, headOf, read, TestFile } from "./test_file.ts";

const RUNS = 10;
const KILLED = 128 + 9; // the exit code after SIGKILL

/** Closes the file, and opens it again with its subscriptions. */
async function open(
  file: TestFile,
  options: SubscriptionsOptions = { maxBytes: 1024 * 1024 },
): Promise<StoredSubscriptions> {
  const journal = await file.open();
  return await StoredSubscriptions.open(journal.subscriptionRows, options);
}

/** A closed file with the subscriptions of these browsers of Alexander's. */
async function closedFile(...names: readonly string[]): Promise<TestFile> {
  const file = new TestFile(), subscriptions = await open(file);
  for (const name of names) await subscriptions.add(browser(name, "alexander"));
  await subscriptions.close();
  await file.close();
  return file;
}

subscriptionsContract("StoredSubscriptions in a SQLite file", async (options) => {
  const file = new TestFile(), subscriptions = await open(file, options);
  const close = () => subscriptions.close().then(() => file[Symbol.asyncDispose]());
  return { subscriptions, [Symbol.asyncDispose]: close };
});

Deno.test("StoredSubscriptions in a SQLite file has everything after a restart, in the same order", async () => {
  await using file = new TestFile();
  let subscriptions = await open(file);
  for (let n = 0; n < 12; n++) {
    await subscriptions.add(browser(`${n}`, "Ålexander \u{1F600}", { origin: null }));
  }
  const [first] = await subscriptions.of("Ålexander \u{1F600}");
  assert(first !== undefined);
  await subscriptions.remove(first.id, first.target);
  await subscriptions.add(browser("5", "eliza"));
  await subscriptions.renew(browser("7", ""), browser("new", ""));
  await subscriptions.add(browser("4", first.target));
  const all = async (): Promise<(readonly Subscription[])[]> => [
    await subscriptions.of(first.target),
    await subscriptions.of("eliza"),
  ];
  const before = await all();
  assertEquals(before.map(({ length }) => length), [8, 1]);
  for (let restart = 0; restart < 3; restart++) {
    await subscriptions.close();
    subscriptions = await open(file);
    assertEquals(await all(), before);
  }
  await subscriptions.add(browser("late", first.target));
  assertEquals((await browsersOf(subscriptions, first.target)).at(-1), "late");
  await subscriptions.close();
  assertEquals(file.count("push_subscriptions"), 10);
});

Deno.test("StoredSubscriptions in a SQLite file outlives the retention", async () => {
  await using file = await closedFile("phone");
  file.clock.now += 365 * 24 * 60 * 60 * 1000;
  const subscriptions = await open(file);
  assertEquals(await browsersOf(subscriptions, "alexander"), ["phone"]);
  await subscriptions.close();
});

Deno.test("StoredSubscriptions in a SQLite file skips damaged rows, and removes them", async () => {
  await using file = await closedFile("a", "b", "c");
  file.sql("UPDATE push_subscriptions SET target = 'burr' WHERE sequence = 1");
  file.sql(`UPDATE push_subscriptions SET sequence = ${Number.MAX_SAFE_INTEGER - 1} WHERE sequence = 2`);
  const subscriptions = await open(file);
  assertEquals(file.damaged, 2);
  assertEquals(await browsersOf(subscriptions, "alexander"), ["c"]);
  assertEquals(await browsersOf(subscriptions, "burr"), []);
  await subscriptions.add(browser("a", "alexander"));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["c", "a"]);
  await subscriptions.close();
  assertEquals(file.count("push_subscriptions"), 2);
});

Deno.test("StoredSubscriptions in a SQLite file reads the others if a number of a row is impossibly large", async () => {
  await using file = await closedFile("a", "b");
  file.sql("UPDATE push_subscriptions SET sequence = 9223372036854775807 WHERE sequence = 1");
  const subscriptions = await open(file);
  assertEquals(file.damaged, 1);
  assertEquals(await browsersOf(subscriptions, "alexander"), ["b"]);
  await subscriptions.close();
  assertEquals(file.count("push_subscriptions"), 1);
});

Deno.test("StoredSubscriptions in a SQLite file survives when the file is rebuilt", async () => {
  await using file = await closedFile("a", "b");
  const bytes = Deno.readFileSync(file.path);
  const [row] = file.sql("SELECT rootpage FROM sqlite_schema WHERE name = 'sent_ids'");
  const rootPage = Number(row?.rootpage);
  bytes.fill(0xff, (rootPage - 1) * 4096, rootPage * 4096);
  Deno.writeFileSync(file.path, bytes);
  const subscriptions = await open(file);
  assertEquals(await browsersOf(subscriptions, "alexander"), ["a", "b"]);
  await subscriptions.close();
});

Deno.test("StoredSubscriptions in a SQLite file survives when the file is compacted", async () => {
  await using file = await closedFile("a", "b");
  const guard = new FileGuard(file.path);
  compact(new DatabaseSync(file.path), guard);
  guard.release();
  const subscriptions = await open(file);
  assertEquals(await browsersOf(subscriptions, "alexander"), ["a", "b"]);
  await subscriptions.close();
});

Deno.test("StoredSubscriptions in a SQLite file takes over a file of a version that had none", async () => {
  await using file = new TestFile();
  const without = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex((sql) => sql.includes("TABLE push_subscriptions")),
  );
  {
    using database = new DatabaseSync(file.path);
    migrate(database, without);
    const values = [1, "epoch000", 5, 0];
    database.prepare("INSERT INTO journal VALUES (?, ?, ?, ?, ?)").run(...values, checksumOf(values));
  }
  const subscriptions = await open(file);
  await subscriptions.add(browser("phone", "alexander"));
  assertEquals([await browsersOf(subscriptions, "alexander"), file.damaged], [["phone"], 0]);
  await subscriptions.close();
});

Deno.test("StoredSubscriptions in a SQLite file changes nothing while the file is lost", async () => {
  await using file = new TestFile();
  const subscriptions = await open(file);
  const id = await subscriptions.add(browser("phone", "alexander"));
  await Deno.rename(file.path, `${file.path}-away`);
  await eventually(() => file.health.at(-1) === "lost");
  await assertRejects(() => subscriptions.add(browser("laptop", "alexander")), UnavailableError);
  await assertRejects(() => subscriptions.remove(id, "alexander"), UnavailableError);
  await Deno.rename(`${file.path}-away`, file.path);
  await eventually(() => file.health.at(-1) === "ok");
  assertEquals(await browsersOf(subscriptions, "alexander"), ["phone"]);
  await subscriptions.add(browser("laptop", "alexander"));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["phone", "laptop"]);
  await subscriptions.close();
});

Deno.test("SqliteJournal and the subscriptions write to the same file at once", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const subscriptions = await StoredSubscriptions.open(journal.subscriptionRows, { maxBytes: 1024 * 1024 });
  const start = await headOf(journal);
  await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      await Promise.all([
        subscriptions.add(browser(`${n}`, `target ${n}`)),
        append(journal, "alexander"),
      ]);
    }),
  );
  assertEquals((await read(journal, "alexander", start)).positions.length, 50);
  await subscriptions.close();
  assertEquals(file.count("push_subscriptions"), 50);
});

for (const synchronous of ["full", "normal"]) {
  Deno.test(`StoredSubscriptions in a SQLite file (${synchronous}) loses nothing that was confirmed in ${RUNS} kills`, async () => {
    await using file = new TestFile();
    const added: string[] = [], removed = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      for (const line of await killedAfter(1 + 37 * run, { file, synchronous, run })) {
        const [act, target = ""] = line.split(" ");
        if (act === "added") added.push(target);
        else removed.add(target);
      }
    }
    const subscriptions = await open(file);
    for (const target of added) {
      const expected = removed.has(target) ? [] : [target];
      const kept = await browsersOf(subscriptions, target);
      const mayBeRemoved = target.endsWith("0"); // the confirmation may be what the kill cut off
      if (!mayBeRemoved || kept.length > 0) assertEquals(kept, expected, target);
    }
    assert(added.length > RUNS && removed.size > 0, `${added.length} ${removed.size}`);
    assertEquals(file.damaged, 0);
    await subscriptions.close();
  });
}

/** Resolves with what a process confirmed that was killed as soon as it had confirmed so much. */
async function killedAfter(
  count: number,
  { file, synchronous, run }: { file: TestFile; synchronous: string; run: number },
): Promise<string[]> {
  const script = new URL("./subscribing_process.ts", import.meta.url).pathname;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", script, file.path, synchronous, `${run}`],
    stdout: "piped",
  }).spawn();
  let output = "", isKilled = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (isKilled || output.split("\n").length <= count) continue; // what it wrote before the kill still arrives
    child.kill("SIGKILL");
    isKilled = true;
  }
  assertEquals((await child.status).code, KILLED);
  return output.split("\n").slice(0, -1);
}
