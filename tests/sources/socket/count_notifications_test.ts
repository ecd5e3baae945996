/** countNotifications counts the notifications in a frame as JSON.parse would, and stops at a limit. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { countNotifications } from "../../../src/sources/socket/count_notifications.ts";

Deno.test("countNotifications counts the elements of any array, however it is written", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.constantFrom("", " ", "\n"), (all, space) => {
      assertEquals(countNotifications(space + JSON.stringify(all, null, space), 1_000), all.length);
    }),
  );
});

Deno.test("countNotifications counts 1 for anything but an array", () => {
  for (const text of ['{"targets":["a","b"],"data":[1,2]}', "", "1,2", '"[1,2]"', "[]", "nope"]) {
    assertEquals(countNotifications(text, 1_000), 1, text);
  }
});

Deno.test("countNotifications stops one beyond the limit, and survives what is not JSON", () => {
  assertEquals(countNotifications(`[${"1,".repeat(1_000_000)}1]`, 10), 11);
  for (const text of ['[1,"2,3', "[[[[1,2", "[}}},1", '[1,2\\"']) countNotifications(text, 10);
});
