/** BesideRows: revocations in the file of a SQLite journal fulfil the contract, and survive what it survives. */

import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { FileGuard } from "../../../src/journal/sqlite/file_guard.ts";
import { compact } from "../../../src/journal/sqlite/rebuild.ts";
import { migrate, MIGRATIONS } from "../../../src/journal/sqlite/schema.ts";
import type { RevocationsOptions } from "../../../src/revocation/revocations.ts";
import { StoredRevocations } from "../../../src/revocation/stored_revocations.ts";
import { NOW, revocationsContract, token } from "../../contracts/revocations.ts";
import { TestFile } from "./test_file.ts";

const OPTIONS: RevocationsOptions = { maxBytes: 65_536, now: () => NOW, onRevoked: () => {} };
const KEPT_UNTIL = NOW + 60_000;

/** Closes the file, and opens it again with its revocations. */
async function open(file: TestFile, options = OPTIONS): Promise<StoredRevocations> {
  return await StoredRevocations.open((await file.open()).revocationRows, options);
}

/** A closed file with the revocations of these tokens, and of those that Alexander got before 500 s. */
async function closedFile(...jtis: readonly string[]): Promise<TestFile> {
  const file = new TestFile(), revocations = await open(file);
  for (const jti of jtis) await revocations.add({ jti, keptUntil: KEPT_UNTIL });
  await revocations.add({ target: "alexander", issuedBefore: 500_000, keptUntil: KEPT_UNTIL });
  await revocations.close();
  await file.close();
  return file;
}

revocationsContract("StoredRevocations in a SQLite file", async (options) => {
  const file = new TestFile(), revocations = await open(file, options);
  const close = () => revocations.close().then(() => file[Symbol.asyncDispose]());
  return { revocations, [Symbol.asyncDispose]: close };
});

Deno.test("StoredRevocations in a SQLite file revokes the same after a restart, and extends what it has", async () => {
  await using file = await closedFile("a", "b");
  for (let restart = 0; restart < 3; restart++) {
    const revocations = await open(file);
    assertEquals(["a", "b", "c"].map((jti) => revocations.isRevoked(token(jti, 900))), [true, true, false]);
    assertEquals([499, 500].map((issuedAt) => revocations.isRevoked(token(null, issuedAt))), [true, false]);
    await revocations.add({ jti: "a", keptUntil: KEPT_UNTIL + restart });
    await revocations.close();
  }
  await file.close();
  assertEquals(file.count("revocations"), 3);
});

Deno.test("StoredRevocations in a SQLite file skips damaged rows, and removes them", async () => {
  await using file = await closedFile("a", "b");
  file.sql("UPDATE revocations SET jti = 'c' WHERE sequence = 1");
  const revocations = await open(file);
  assertEquals(file.damaged, 1);
  assertEquals(["a", "b", "c"].map((jti) => revocations.isRevoked(token(jti, 900))), [false, true, false]);
  await revocations.close();
  await file.close();
  assertEquals(file.count("revocations"), 2);
});

Deno.test("StoredRevocations in a SQLite file survives when the file is compacted", async () => {
  await using file = await closedFile("a");
  const guard = new FileGuard(file.path);
  compact(new DatabaseSync(file.path), guard);
  guard.release();
  const revocations = await open(file);
  assertEquals([revocations.isRevoked(token("a", 900)), revocations.isRevoked(token(null, 499))], [
    true,
    true,
  ]);
  await revocations.close();
});

Deno.test("StoredRevocations takes nothing that it cannot write, and does not go by it", async () => {
  const store = {
    async *load() {},
    write: () => Promise.reject(new UnavailableError("the journal's file cannot be written")),
  };
  const known: unknown[] = [];
  const onRevoked = (revocation: unknown) => void known.push(revocation);
  const revocations = new StoredRevocations(store, { ...OPTIONS, onRevoked });
  await assertRejects(() => revocations.add({ jti: "a", keptUntil: KEPT_UNTIL }), UnavailableError);
  assertEquals([revocations.isRevoked(token("a")), known], [false, []]);
  await revocations.close();
});

Deno.test("A SQLite file of the version before there were revocations is migrated", async () => {
  await using file = new TestFile();
  const database = new DatabaseSync(file.path);
  migrate(database, MIGRATIONS.slice(0, -1));
  database.close();
  const revocations = await open(file);
  await revocations.add({ jti: "a", keptUntil: KEPT_UNTIL });
  await revocations.close();
  await file.close();
  assertEquals(file.count("revocations"), 1);
});
