/** backup: of a journal that a service uses, has closed, or has left when it was killed. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename } from "node:path";
import { EXIT } from "../../src/cli/call/failure.ts";
import { eventually } from "../eventually.ts";
import { spawnTidings, tidings } from "./command.ts";
import { assertPrivateFile, JournalFolder, numbersIn, publishNumbers } from "./journal_folder.ts";

Deno.test("backup copies the journal as it is at one moment, while the service accepts everything", async () => {
  await using folder = new JournalFolder();
  await using service = await folder.start();
  const before = await publishNumbers(service, { from: 0, count: 5_000 });
  const done = new AbortController();
  const publishing = publishNumbers(service, { from: before, count: Infinity, signal: done.signal });
  const file = `${folder.path}/backup.db`;
  const { code, stdout, stderr } = await folder.run(["backup", file, "--json"]);
  done.abort();
  const published = await publishing;
  assertEquals([code, stderr], [EXIT.ok, ""]);
  const numbers = numbersIn(file);
  assertEquals(numbers, Array.from(numbers, (_, index) => index));
  assert(numbers.length >= before);
  assert(published >= numbers.length);
  const { size: bytes } = await Deno.stat(file);
  assertEquals(JSON.parse(stdout), {
    file,
    bytes,
    entries: numbers.length,
    scheduled: 0,
    push_subscriptions: 0,
  });
  assertPrivateFile(file);
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
  assertEquals(numbersIn(folder.journal).length, published);
  assert(!service.output.includes("ERROR"), service.output);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`backup copies the journal that a service has left at ${signal}, and changes nothing of it`, async () => {
    await using folder = new JournalFolder();
    await folder.fill(200, signal);
    const before = await folder.files();
    assertEquals(before.has("journal.db-wal"), signal === "SIGKILL");
    const { code, stdout } = await folder.run(["backup", `${folder.path}/backup.db`]);
    assertEquals(code, EXIT.ok);
    assertMatch(
      stdout,
      /^backed up .*journal\.db to .*backup\.db: \d+ bytes, 200 entries, 0 scheduled, 0 push/,
    );
    assertEquals(numbersIn(`${folder.path}/backup.db`).length, 200);
    const after = await folder.files();
    after.delete("backup.db");
    assertEquals(after, before);
  });
}

Deno.test("backup never replaces a file of the journal, however its path is spelled", async () => {
  await using folder = new JournalFolder();
  await folder.fill(200, "SIGKILL"); // so that there is a -wal
  await Deno.symlink("journal.db", `${folder.path}/link.db`);
  const linked = { TIDINGS_JOURNAL: `sqlite:${folder.path}/link.db` };
  const inFolder = [
    "journal.db",
    "journal.db-wal",
    "journal.db-shm",
    "journal.db-journal",
    "journal.db-spare",
  ];
  const before = await folder.files();
  for (const name of [...inFolder, "../" + basename(folder.path) + "/journal.db", "./journal.db"]) {
    const { code, stdout, stderr } = await folder.run(["backup", `${folder.path}/${name}`, "--replace"]);
    assertEquals([code, stdout], [EXIT.usage, ""]);
    assertStringIncludes(stderr, "belongs to the journal");
  }
  const throughLink = await folder.run(["backup", `${folder.path}/journal.db`, "--replace"], {
    environment: linked,
  });
  assertEquals(throughLink.code, EXIT.usage);
  assertEquals(await folder.files(), before);
});

Deno.test("backup writes to standard output for -, and leaves no other file", async () => {
  await using folder = new JournalFolder();
  await folder.fill(200);
  const before = await folder.files();
  const { code, stdout, stderr } = await folder.runForBytes(["backup", "-"]);
  assertEquals([code, await folder.files()], [EXIT.ok, before]);
  assertStringIncludes(stderr, "200 entries");
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, stdout);
  assertEquals(numbersIn(file).length, 200);
  await Deno.remove(file);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`backup leaves nothing behind when ${signal} ends it`, async () => {
    await using folder = new JournalFolder();
    await folder.fill(500); // more than a pipe holds, so that it waits for the reader
    const before = await folder.files();
    const child = spawnTidings(["backup", "-"], folder.options);
    const output = child.stdout.getReader();
    await output.read();
    assert([...(await folder.files()).keys()].some((name) => name.startsWith("journal.db-backup-")));
    child.kill(signal);
    assertEquals((await child.status).code, 130);
    assertEquals(await folder.files(), before);
    await Promise.all([output.cancel(), child.stderr.cancel(), child.stdin.close()]);
  });
}

Deno.test("backup replaces a file only with --replace, and keeps it if the backup fails", async () => {
  await using folder = new JournalFolder();
  await folder.fill(1);
  const file = `${folder.path}/backup.db`;
  await Deno.writeTextFile(file, "of yesterday");
  const refused = await folder.run(["backup", file]);
  assertEquals([refused.code, refused.stdout], [EXIT.usage, ""]);
  assertStringIncludes(refused.stderr, "give --replace");
  assertEquals((await folder.run(["backup", file, "--replace"])).code, EXIT.ok);
  assertEquals(numbersIn(file), [0]);
  await Deno.writeTextFile(folder.journal, "no journal".repeat(1_000));
  const before = await folder.files();
  const failed = await folder.run(["backup", file, "--replace"]);
  assertEquals([failed.code, failed.stdout], [EXIT.failed, ""]);
  assertStringIncludes(failed.stderr, "file is not a database");
  assertEquals(await folder.files(), before);
});

for (
  const [journal, code, text] of [
    ["memory:", EXIT.usage, "the journal is in memory"],
    ["nats://127.0.0.1:9", EXIT.usage, "`nats stream backup`"],
    ["nonsense", EXIT.usage, "TIDINGS_JOURNAL: the value is invalid"],
    ["sqlite:data/there is none.db", EXIT.failed, "there is no journal at data/there is none.db"],
  ] as const
) {
  Deno.test(`backup ends with ${code} for the journal ${journal}, and says why`, async () => {
    const { stdout, stderr, ...ended } = await tidings(["backup", "data/backup.db"], {
      environment: { TIDINGS_JOURNAL: journal },
    });
    assertEquals([ended.code, stdout], [code, ""]);
    assertStringIncludes(stderr, text);
  });
}

Deno.test("backup says what to do if Deno may not write to a folder", async () => {
  await using folder = new JournalFolder();
  await folder.fill(1);
  const { code, stdout, stderr } = await folder.run(["backup", "/var/backup.db"]);
  assertEquals([code, stdout], [EXIT.usage, ""]);
  assertStringIncludes(stderr, "Use - as the file, and redirect standard input or output");
});

Deno.test("A service starts again while a backup of its journal is read", async () => {
  await using folder = new JournalFolder();
  await folder.fill(500);
  const child = spawnTidings(["backup", "-"], folder.options);
  const output = child.stdout.getReader();
  await output.read();
  await using service = await folder.start();
  await eventually(async () =>
    (await fetch(`${service.url}/readyz`).then((r) => r.json())).status === "ready"
  );
  child.kill("SIGTERM");
  await child.status;
  await Promise.all([output.cancel(), child.stderr.cancel(), child.stdin.close()]);
});
