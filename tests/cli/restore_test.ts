/** restore: what takes the place of a journal, and what does not. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EXIT } from "../../src/cli/call/failure.ts";
import { assertPrivateFile, JournalFolder, numbersIn, publishNumbers } from "./journal_folder.ts";

Deno.test("restore puts a backup in the place of a journal, and a service continues with it", async () => {
  await using folder = new JournalFolder();
  await folder.fill(100);
  const backup = (await folder.runForBytes(["backup", "-"])).stdout;
  await folder.fill(300, "SIGKILL"); // it leaves a -wal, which must not be combined with the backup
  assertEquals((await folder.files()).has("journal.db-wal"), true);
  const { code, stdout, stderr } = await folder.run(["restore", "-", "--replace", "--json"], {
    ...folder.options,
    stdin: backup,
  });
  assertEquals([code, stderr], [EXIT.ok, ""]);
  const { journal, entries } = JSON.parse(stdout);
  assertEquals([journal, entries], [folder.journal, 100]);
  const names = [...(await folder.files()).keys()];
  assertEquals(names.filter((name) => !name.endsWith("-spare")), ["journal.db"]);
  assertPrivateFile(folder.journal);
  await using service = await folder.start();
  await publishNumbers(service, { from: 100, count: 50 });
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
  assertEquals(numbersIn(folder.journal), Array.from({ length: 150 }, (_, index) => index));
});

Deno.test("restore makes the folder and the journal if there are none", async () => {
  await using from = new JournalFolder();
  await from.fill(10);
  const backup = (await from.runForBytes(["backup", "-"])).stdout;
  await using to = new JournalFolder();
  await Deno.writeFile(`${to.path}/backup.db`, backup);
  const environment = { TIDINGS_JOURNAL: `sqlite:${to.path}/new/journal.db` };
  const { code, stdout } = await to.run(["restore", `${to.path}/backup.db`], {
    environment,
    folder: to.path,
  });
  assertEquals(code, EXIT.ok);
  assertStringIncludes(stdout, "10 entries");
  assertEquals(numbersIn(`${to.path}/new/journal.db`).length, 10);
});

Deno.test("restore refuses a journal that a service uses, and one that is there unless --replace is given", async () => {
  await using folder = new JournalFolder();
  await folder.fill(10);
  const file = `${folder.path}/backup.db`;
  await folder.run(["backup", file]);
  const there = await folder.run(["restore", file]);
  assertEquals([there.code, there.stdout], [EXIT.usage, ""]);
  assertStringIncludes(there.stderr, "give --replace");
  await using service = await folder.start();
  const running = await folder.run(["restore", file, "--replace"]);
  assertEquals([running.code, running.stdout], [EXIT.failed, ""]);
  assertStringIncludes(running.stderr, "is in use: stop the service first");
  await publishNumbers(service, { from: 10, count: 1 });
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
  assertEquals(numbersIn(folder.journal).length, 11);
});

Deno.test("restore leaves the journal as it is if the backup is not sound", async () => {
  await using folder = new JournalFolder();
  await folder.fill(200);
  const backup = (await folder.runForBytes(["backup", "-"])).stdout;
  const before = await folder.files();
  const damaged = backup.slice();
  damaged.fill(255, 8_192, 40_000);
  const cases = [
    ["", "it is no journal of Tidings"],
    ["no database".repeat(100), "file is not a database"],
    [backup.slice(0, backup.length / 2), "malformed"],
    [damaged, "malformed"],
  ] as const;
  for (const [stdin, reason] of cases) {
    const { code, stdout, stderr } = await folder.run(["restore", "-", "--replace"], {
      ...folder.options,
      stdin,
    });
    assertEquals([code, stdout], [EXIT.failed, ""], reason);
    assert(stderr.includes(reason) || stderr.includes("it is damaged"), stderr);
    assertEquals(await folder.files(), before, reason);
  }
});

Deno.test("restore refuses a file with a -wal beside it, because that is no backup", async () => {
  await using killed = new JournalFolder();
  await killed.fill(10, "SIGKILL");
  const environment = { TIDINGS_JOURNAL: `sqlite:${killed.path}/other.db` };
  const ended = await killed.run(["restore", killed.journal], { environment, folder: killed.path });
  assertEquals([ended.code, ended.stdout], [EXIT.failed, ""]);
  assertStringIncludes(ended.stderr, "has a -wal beside it");
});

Deno.test("restore leaves no journal if there was none and the backup does not exist", async () => {
  await using folder = new JournalFolder();
  const missing = await folder.run(["restore", `${folder.path}/missing.db`]);
  assertEquals([missing.code, missing.stdout], [EXIT.failed, ""]);
  assertStringIncludes(missing.stderr, "No such file");
  const empty = await folder.run(["restore", "-"], { ...folder.options, stdin: "nonsense" });
  assertEquals(empty.code, EXIT.failed);
  assertEquals(await folder.files(), new Map());
});
