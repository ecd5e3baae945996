/** The contract of all stores of revocations, as tests. The test file of each adapter runs them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import { eventually } from "../eventually.ts";
import type {
  Revocation,
  Revocations,
  RevocationsOptions,
  TokenIdentity,
} from "../../src/revocation/revocations.ts";

/** Revocations with everything that they need. Disposing of it closes them, which may be closed already. */
export interface TestRevocations extends AsyncDisposable {
  readonly revocations: Revocations;
}

/** Creates a store without revocations. */
export type CreateRevocations = (options: RevocationsOptions) => Promise<TestRevocations>;

/** The time of a test, in milliseconds since 1970. */
export const NOW = 1_000_000;
const LATER = NOW + 60_000;

/** What tells a token of alexander from others. */
export function token(
  jti: string | null,
  issuedAt: number | null = 500,
  target = "alexander",
): TokenIdentity {
  return { target, jti, issuedAt };
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function revocationsContract(
  name: string,
  create: CreateRevocations,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  function test(
    behaviour: string,
    run: (
      revocations: Revocations,
      about: { readonly known: Revocation[]; readonly clock: { now: number } },
    ) => Promise<void>,
    options: Partial<RevocationsOptions> = {},
  ): void {
    register(`${name} ${behaviour}`, async () => {
      const known: Revocation[] = [], clock = { now: NOW };
      await using created = await create({
        maxBytes: 1024 * 1024,
        now: () => clock.now,
        onRevoked: (revocation) => void known.push(revocation),
        ...options,
      });
      await run(created.revocations, { known, clock });
    });
  }

  test("revokes the token with a jti, and no other", async (revocations) => {
    const jti = "Ålexander *.> \u{1F600}";
    assertEquals(revocations.isRevoked(token(jti)), false);
    assertEquals(await revocations.add({ jti, keptUntil: LATER }), { jti, keptUntil: LATER });
    assertEquals(revocations.isRevoked(token(jti)), true);
    assertEquals(revocations.isRevoked(token(jti, 500, "eliza")), true);
    for (const other of ["alexander", jti.slice(1), null]) {
      assertEquals(revocations.isRevoked(token(other)), false);
    }
  });

  test("revokes the tokens of a target that were issued before a time", async (revocations) => {
    const target = "alexander *.> \u{1F600}";
    await revocations.add({ target, issuedBefore: 500_000, keptUntil: LATER });
    const isRevoked = (issuedAt: number | null, of = target) =>
      revocations.isRevoked(token("1", issuedAt, of));
    assertEquals([499, 500, 501].map((issuedAt) => isRevoked(issuedAt)), [true, false, false]);
    assertEquals(isRevoked(499, "alexander"), false);
  });

  test("takes a token that does not say when it was issued for the oldest", async (revocations) => {
    await revocations.add({ target: "alexander", issuedBefore: 1, keptUntil: LATER });
    assertEquals(revocations.isRevoked(token(null, 0)), true);
  });

  test("revokes nothing of a connection without a token", async (revocations) => {
    await revocations.add({ target: "alexander", issuedBefore: NOW, keptUntil: LATER });
    assertEquals(revocations.isRevoked(token(null, null)), false);
  });

  test("lets the later times of two revocations count, and takes nothing back", async (revocations) => {
    const first = { target: "alexander", issuedBefore: 500_000, keptUntil: LATER };
    const second = { target: "alexander", issuedBefore: 400_000, keptUntil: LATER + 1 };
    const both = { target: "alexander", issuedBefore: 500_000, keptUntil: LATER + 1 };
    assertEquals(await revocations.add(first), first);
    assertEquals(await revocations.add(second), both);
    assertEquals(await revocations.add(first), both);
    assertEquals(revocations.isRevoked(token("1", 499)), true);
    assertEquals(await revocations.add({ jti: "1", keptUntil: LATER }), { jti: "1", keptUntil: LATER });
    assertEquals(await revocations.add({ jti: "1", keptUntil: 0 }), { jti: "1", keptUntil: LATER });
  });

  test("tells of each revocation once, when it is known", async (revocations, { known }) => {
    const all = [
      { jti: "1", keptUntil: LATER },
      { target: "alexander", issuedBefore: 500_000, keptUntil: LATER },
    ];
    for (const revocation of [...all, ...all]) await revocations.add(revocation);
    assertEquals(known, all);
  });

  test("keeps all of those that are made at once", async (revocations) => {
    const many = Array.from({ length: 50 }, (_, n) => `${n}`);
    await Promise.all(many.flatMap((jti, n) => [
      revocations.add({ jti, keptUntil: LATER }),
      revocations.add({ target: "alexander", issuedBefore: n * 1000, keptUntil: LATER }),
    ]));
    assertEquals(many.filter((jti) => !revocations.isRevoked(token(jti, 999, "eliza"))), []);
    assertEquals([48, 49].map((issuedAt) => revocations.isRevoked(token(null, issuedAt))), [true, false]);
  });

  test("forgets what is kept no longer, and has room again", async (revocations, { clock }) => {
    const revoke = (jti: string) => revocations.add({ jti, keptUntil: clock.now + 10 });
    let count = 0;
    await assertRejects(async () => {
      for (; count < 100; count++) await revoke(`${count}`);
    }, UnavailableError);
    assertEquals(revocations.isRevoked(token(`${count}`)), false);
    assertEquals(revocations.isRevoked(token("0")), true);
    assertEquals((await revoke("0")).jti, "0"); // what is known needs no room
    clock.now += 20;
    await revoke("new");
    assertEquals(revocations.isRevoked(token("new")), true);
    await eventually(() => !revocations.isRevoked(token("0")), "what has expired is forgotten");
  }, { maxBytes: 4096, expireMs: 5 });

  test(
    "forgets what is kept no longer also while nothing else is revoked",
    async (revocations, { clock }) => {
      await revocations.add({ jti: "1", keptUntil: clock.now + 10 });
      await revocations.add({ jti: "2", keptUntil: clock.now + 30 });
      clock.now += 20;
      await eventually(() => revocations.stats().kept === 1, "it is forgotten");
      assertEquals(["1", "2"].map((jti) => revocations.isRevoked(token(jti))), [false, true]);
    },
    { expireMs: 5 },
  );

  test("says how many it keeps, and how much of the room they take", async (revocations, { clock }) => {
    assertEquals(revocations.stats(), { kept: 0, bytes: 0, maxBytes: 65_536 });
    for (const jti of ["1", "2", "2"]) await revocations.add({ jti, keptUntil: clock.now + 10 });
    await revocations.add({ target: "alexander", issuedBefore: 500_000, keptUntil: LATER });
    const { kept, bytes } = revocations.stats();
    assertEquals(kept, 3);
    assert(bytes > 300 && bytes < 3_000, `${bytes}`);
    clock.now += 20;
    await revocations.add({ jti: "3", keptUntil: LATER });
    await eventually(() => revocations.stats().kept === 2, "what has expired counts no longer");
  }, { maxBytes: 65_536, expireMs: 5 });

  test("is current, and rejects once it is closed", async (revocations) => {
    assertEquals(revocations.isCurrent, true);
    await revocations.close();
    await assertRejects(() => revocations.add({ jti: "1", keptUntil: LATER }), UnavailableError);
  });
}
