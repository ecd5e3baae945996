/** What an inbox is told, and whether it can use it. */

import { assertEquals, assertThrows } from "@std/assert";
import { checkAnswer, isReadState } from "../../src/client/inbox_checks.ts";
import type { InboxAnswer } from "../../src/client/item_list.ts";
import { positionOf } from "../../src/wire/position.ts";

const at = (sequence: number) => positionOf("epoch000", sequence);
const item = (sequence: number) => (
  { id: `${sequence}`, position: at(sequence), at: "2026-01-01T00:00:00.000Z", data: 1, read: false }
);
const PAGE: InboxAnswer = {
  target: "alexander",
  unread: 2,
  position: at(9),
  notifications: [item(3), item(1)],
  more: true,
};

Deno.test("checkAnswer returns a page unchanged", () => {
  assertEquals([checkAnswer(PAGE), checkAnswer(PAGE, at(4))], [PAGE, PAGE]);
});

Deno.test("checkAnswer knows of nothing more behind an empty page", () => {
  assertEquals(checkAnswer({ ...PAGE, notifications: [] }, at(4)).more, false);
});

for (
  const [what, wrong] of [
    ["null", null],
    ["text", "text"],
    ["a position that is a number", { ...PAGE, position: 5 }],
    ["a position in an array", { ...PAGE, position: [at(9)] }],
    ["a count that is text", { ...PAGE, unread: "2" }],
    ["no notifications", { ...PAGE, notifications: undefined }],
    ["a notification that is null", { ...PAGE, notifications: [null] }],
    ["a notification without a position", { ...PAGE, notifications: [{ ...item(1), position: undefined }] }],
    ["a notification that is neither read nor unread", { ...PAGE, notifications: [{ ...item(1), read: 1 }] }],
    ["the oldest first", { ...PAGE, notifications: [item(1), item(3)] }],
    ["a notification twice", { ...PAGE, notifications: [item(3), item(3)] }],
    ["a page that does not precede what was asked for", { ...PAGE, notifications: [item(4), item(3)] }],
  ] as const
) {
  Deno.test(`checkAnswer refuses ${what}`, () => {
    assertThrows(() => checkAnswer(wrong as unknown as InboxAnswer, at(4)), Error, "no page of an inbox");
  });
}

Deno.test("isReadState accepts a state with and without what is read up to, and no other", () => {
  const state = {
    position: at(9),
    at: "2026-01-01T00:00:00.000Z",
    through: at(3),
    read: [at(5)],
    unread: [at(1)],
  };
  assertEquals([isReadState(state), isReadState({ ...state, through: null })], [true, true]);
  for (
    const wrong of [{ position: 5 }, { through: 5 }, { read: null }, { read: [5] }, { unread: "text" }, {
      unread: at(1),
    }]
  ) {
    assertEquals(
      isReadState({ ...state, ...wrong } as unknown as typeof state),
      false,
      JSON.stringify(wrong),
    );
  }
});
