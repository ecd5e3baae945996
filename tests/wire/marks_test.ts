/** The schemas of marks: exactly what browsers and publishers may say of what was read. */

import { assert, assertEquals } from "@std/assert";
import { changeOf, ReadRequest } from "../../src/wire/marks.ts";
import { BrowserMessage } from "../../src/wire/protocol.ts";

const POSITION = "k3x9f0ab-0000000000b";
const STAMPED = `${POSITION}-0000zz`;

const MARKS: readonly [string, unknown][] = [
  ["a position", { type: "read", positions: [POSITION] }],
  ["1,000 positions", { type: "read", positions: Array(1_000).fill(STAMPED) }],
  ["a position that it is read through", { type: "read", through: STAMPED }],
  ["unread positions", { type: "unread", positions: [POSITION, STAMPED] }],
  ["a ref", { type: "read", through: POSITION, ref: "😀".repeat(32) }],
];

for (const [what, mark] of MARKS) {
  Deno.test(`BrowserMessage is a mark with ${what}`, () => assertEquals(BrowserMessage.parse(mark), mark));
}

const NO_MARKS: readonly [string, unknown][] = [
  ["neither positions nor through", { type: "read" }],
  ["both positions and through", { type: "read", positions: [POSITION], through: POSITION }],
  ["no position", { type: "read", positions: [] }],
  ["1,001 positions", { type: "unread", positions: Array(1_001).fill(POSITION) }],
  ["something that is not a position", { type: "read", positions: [POSITION, "yesterday"] }],
  ["a through of null", { type: "read", through: null }],
  ["through as unread", { type: "unread", through: POSITION }],
  ["an empty ref", { type: "read", through: POSITION, ref: "" }],
  ["a ref of 65 characters", { type: "read", through: POSITION, ref: "r".repeat(65) }],
  ["a ref that is a number", { type: "read", through: POSITION, ref: 1 }],
  ["an unknown field", { type: "read", through: POSITION, ids: ["duel"] }],
];

for (const [what, value] of NO_MARKS) {
  Deno.test(`BrowserMessage is no mark with ${what}`, () => {
    assert(!BrowserMessage.safeParse(value).success);
  });
}

Deno.test("ReadRequest is a read mark without its type and its ref", () => {
  for (const body of [{ positions: [POSITION] }, { through: POSITION }]) {
    assertEquals(ReadRequest.parse(body), body);
  }
  const bodies = [{}, { through: POSITION, ref: "r" }, { type: "unread", positions: [POSITION] }];
  for (const body of bodies) assert(!ReadRequest.safeParse(body).success, JSON.stringify(body));
});

Deno.test("changeOf takes from a message or a request what the journal merges", () => {
  const positions = [POSITION];
  assertEquals(changeOf({ positions }), { type: "read", positions });
  assertEquals(changeOf({ type: "unread", positions }), { type: "unread", positions });
  assertEquals(changeOf({ type: "read", through: POSITION }), { type: "read", through: POSITION });
});
