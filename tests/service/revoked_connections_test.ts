/** RevokedConnections: the connections that were admitted with a token that is revoked now. */

import { assertEquals } from "@std/assert";
import { RevokedConnections, type TokenHolder } from "../../src/service/revoked_connections.ts";
import { eventually } from "../eventually.ts";

interface Held extends TokenHolder {
  readonly ended: number[];
}

function connection(target: string, jti: string | null, issuedAt: number | null): Held {
  const ended: number[] = [];
  return { token: { target, jti, issuedAt }, ended, end: ({ code }) => void ended.push(code) };
}

function setUp(all: readonly Held[]) {
  const asked: (string | null)[] = [], reported: unknown[] = [];
  const revoked = new RevokedConnections({
    connectionsOf(target) {
      asked.push(target);
      return Promise.resolve(all.filter(({ token }) => target === null || token.target === target));
    },
    report: (error) => void reported.push(error),
  });
  return { revoked, asked, reported };
}

Deno.test("RevokedConnections ends those of revoked tokens once, and no others", async () => {
  const ended = [connection("alexander", "1", 5), connection("eliza", "2", 4), connection("eliza", null, 0)];
  const others = [
    ...[connection("alexander", null, 5), connection("eliza", "3", 5), connection("eliza", null, null)],
    connection("burr", "4", 1),
  ];
  const { revoked, asked } = setUp([...ended, ...others]);
  revoked.end({ jti: "1", keptUntil: 0 });
  revoked.end({ target: "eliza", issuedBefore: 5_000, keptUntil: 0 });
  await eventually(() => ended.every(({ ended }) => ended.length > 0), "the ends");
  assertEquals(ended.map(({ ended }) => ended), [[4001], [4001], [4001]]);
  assertEquals(others.flatMap(({ ended }) => ended), []);
  assertEquals(asked, [null]); // they are looked for together
});

Deno.test("RevokedConnections asks only for the targets whose tokens are revoked, and goes on afterwards", async () => {
  const first = connection("alexander", null, 1), second = connection("eliza", null, 1);
  const { revoked, asked } = setUp([first, second]);
  for (const [target, { ended }] of [["alexander", first], ["eliza", second]] as const) {
    revoked.end({ target, issuedBefore: 2_000, keptUntil: 0 });
    await eventually(() => ended.length === 1, target);
  }
  assertEquals(asked, ["alexander", "eliza"]);
});

Deno.test("RevokedConnections looks at many connections over several turns", async () => {
  const all = Array.from({ length: 12_000 }, (_, n) => connection("alexander", `${n}`, 1));
  const { revoked } = setUp(all);
  revoked.end({ jti: "11999", keptUntil: 0 });
  await eventually(() => all.at(-1)?.ended.length === 1, "the last one");
  assertEquals(all.flatMap(({ ended }) => ended), [4001]);
});

Deno.test("RevokedConnections reports that the connections cannot be found", async () => {
  const reported: unknown[] = [], error = new Error("the hub has ended");
  const revoked = new RevokedConnections({
    connectionsOf: () => Promise.reject(error),
    report: (error) => void reported.push(error),
  });
  revoked.end({ jti: "1", keptUntil: 0 });
  await eventually(() => reported.length > 0, "the report");
  assertEquals(reported, [error]);
});
