/** Outbox: live or behind, in order, nothing twice, within its bytes. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import * as fc from "fast-check";
import { type Notification, Outbox } from "../../src/hub/outbox.ts";

const MOST = { mostBytes: 1_000 };
const FRAME = 64 * 1024;

/** The n-th notification, of so many bytes. */
function nth(n: number, bytes = 10): Notification {
  const position = String(n).padStart(6, "0");
  return { target: "alexander", position, text: position.padEnd(bytes, "."), bytes };
}

/** An outbox that has read up to this number and is live. */
function liveAfter(n: number, options = MOST): Outbox {
  const outbox = new Outbox(null, options);
  outbox.beginPage();
  outbox.endPage({ next: nth(n).position, more: false });
  return outbox;
}

function numbers(texts: readonly string[]): number[] {
  return texts.map((text) => parseInt(text));
}

Deno.test("Outbox starts behind, takes nothing, and says where to read", () => {
  const outbox = new Outbox("000007", MOST);
  assert(!outbox.offer(nth(8)));
  assertEquals([outbox.live, outbox.size, outbox.beginPage()], [false, 0, "000007"]);
});

Deno.test("Outbox turns live with the last page, and takes what comes after it and nothing at or before", () => {
  const outbox = new Outbox(null, MOST);
  assertEquals(outbox.beginPage(), null);
  outbox.endPage({ next: nth(5).position, more: true });
  assertEquals([outbox.live, outbox.beginPage()], [false, nth(5).position]);
  outbox.endPage({ next: nth(7).position, more: false });
  assert(outbox.live);
  assertEquals([6, 7, 8, 8, 9].map((n) => outbox.offer(nth(n))), [false, false, true, false, false]);
  assertEquals(numbers(outbox.take(FRAME)), [8, 9]);
});

Deno.test("Outbox stays behind when something was offered while the page was read", () => {
  const outbox = new Outbox(null, MOST);
  outbox.beginPage();
  outbox.offer(nth(6));
  outbox.endPage({ next: nth(5).position, more: false });
  assert(!outbox.live);
  outbox.beginPage();
  outbox.endPage({ next: nth(6).position, more: false });
  assert(outbox.live);
});

Deno.test("Outbox asks for a flush once until it is emptied", () => {
  const outbox = liveAfter(0);
  assertEquals([1, 2, 3].map((n) => outbox.offer(nth(n))), [true, false, false]);
  outbox.take(FRAME);
  assertEquals([4, 5].map((n) => outbox.offer(nth(n))), [true, false]);
});

Deno.test("Outbox falls behind when there are more bytes than it may have, and says where to read on", () => {
  const outbox = liveAfter(0, { mostBytes: 35 });
  outbox.offer(nth(1));
  assertEquals(numbers(outbox.take(FRAME)), [1]);
  for (const n of [2, 3, 4]) outbox.offer(nth(n));
  assert(outbox.live);
  assert(outbox.offer(nth(5)), "the pump has to be told");
  assertEquals([outbox.live, outbox.size, outbox.beginPage()], [false, 0, nth(1).position]);
});

Deno.test("Outbox takes one notification however large it is", () => {
  const outbox = liveAfter(0, { mostBytes: 5 });
  assert(outbox.offer(nth(1, 100)));
  assertEquals([outbox.live, numbers(outbox.take(10))], [true, [1]]);
});

Deno.test("Outbox.fallBehind while a page is read keeps it behind", () => {
  const outbox = new Outbox(null, MOST);
  outbox.beginPage();
  outbox.fallBehind();
  outbox.endPage({ next: nth(5).position, more: false });
  assert(!outbox.live);
});

Deno.test("Outbox.take fills frames, none larger than allowed unless one notification is, and none empty", () => {
  const sizes = fc.array(fc.integer({ min: 6, max: 60 }), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(sizes, fc.integer({ min: 10, max: 200 }), (all, frameBytes) => {
    const outbox = liveAfter(0, { mostBytes: 1_000_000 });
    for (const [index, bytes] of all.entries()) outbox.offer(nth(index + 1, bytes));
    const taken: number[] = [];
    while (outbox.size > 0) {
      const texts = outbox.take(frameBytes);
      assert(texts.length > 0);
      if (texts.length > 1) assertLessOrEqual(`[${texts.join(",")}]`.length, frameBytes);
      const next = all[taken.length + texts.length];
      if (next !== undefined) {
        assert(`[${texts.join(",")}]`.length + 1 + next > frameBytes, "there was room for more");
      }
      taken.push(...numbers(texts));
    }
    assertEquals(taken, all.map((_, index) => index + 1));
  }));
});
