/** Tests when an outbox is live or behind, and that it stays in order, without duplicates, and within its bytes. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import * as fc from "fast-check";
import type { LateEntries } from "../../src/journal/journal.ts";
import { type Notification, Outbox } from "../../src/hub/outbox.ts";

const MAX = { maxBytes: 1_000 };
const FRAME = 64 * 1024;

/** The n-th notification, with a text of so many bytes. */
function nth(n: number, bytes = 10): Notification {
  const position = String(n).padStart(6, "0");
  return { id: `id-${n}`, target: "alexander", position, text: position.padEnd(bytes, "."), bytes };
}

/** A live outbox that has read up to the n-th notification. */
function liveAfter(n: number, options = MAX): Outbox {
  const outbox = new Outbox(null, options);
  outbox.beginPage();
  outbox.endPage({ next: nth(n).position, more: false });
  return outbox;
}

function numbers(notifications: readonly Notification[]): number[] {
  return notifications.map(({ text }) => parseInt(text));
}

Deno.test("Outbox starts behind, takes nothing, and returns the position to read after", () => {
  const outbox = new Outbox("000007", MAX);
  assert(!outbox.offer(nth(8)));
  assertEquals([outbox.live, outbox.size, outbox.beginPage()], [false, 0, "000007"]);
});

Deno.test("Outbox turns live with the last page, and then takes only notifications after that page", () => {
  const outbox = new Outbox(null, MAX);
  assertEquals(outbox.beginPage(), null);
  outbox.endPage({ next: nth(5).position, more: true });
  assertEquals([outbox.live, outbox.beginPage()], [false, nth(5).position]);
  outbox.endPage({ next: nth(7).position, more: false });
  assert(outbox.live);
  assertEquals([6, 7, 8, 8, 9].map((n) => outbox.offer(nth(n))), [false, false, true, false, false]);
  assertEquals(numbers(outbox.take(FRAME)), [8, 9]);
});

Deno.test("Outbox keeps what is offered while the last page is read, except what is in the page", () => {
  const outbox = new Outbox(null, MAX);
  outbox.beginPage();
  assertEquals([4, 5, 6, 6, 7].map((n) => outbox.offer(nth(n))), [false, false, false, false, false]);
  outbox.endPage({ next: nth(5).position, more: false });
  assert(outbox.live);
  assertEquals(numbers(outbox.take(FRAME)), [6, 7]);
  assertEquals([7, 8].map((n) => outbox.offer(nth(n))), [false, true]);
});

Deno.test("Outbox leaves to the next page what is offered during or after a page that is not the last", () => {
  const outbox = new Outbox(null, MAX);
  outbox.beginPage();
  outbox.offer(nth(6));
  outbox.endPage({ next: nth(3).position, more: true });
  outbox.offer(nth(7));
  assertEquals([outbox.live, outbox.size, outbox.beginPage()], [false, 0, nth(3).position]);
  outbox.endPage({ next: nth(7).position, more: false });
  assertEquals([outbox.live, outbox.size], [true, 0]);
});

Deno.test("Outbox keeps what is offered while a page is read also if the journal has gone back", () => {
  const outbox = liveAfter(0);
  for (const n of [8, 9]) outbox.offer(nth(n));
  assertEquals(numbers(outbox.take(FRAME)), [8, 9]);
  outbox.fallBehind(); // the journal is rolled back to 2, and gives the numbers after that once more
  assertEquals(outbox.beginPage(), nth(9).position);
  assertEquals([2, 3, 4].map((n) => outbox.offer(nth(n))), [false, false, false]);
  outbox.endPage({ next: nth(2).position, more: false });
  assertEquals([outbox.live, numbers(outbox.take(FRAME))], [true, [3, 4]]);
  assertEquals([4, 5].map((n) => outbox.offer(nth(n))), [false, true]);
});

/** The n-th of Alexander's came late: he may miss it although he was sent later ones. */
function late(n: number, target: string | null = "alexander"): LateEntries {
  return { target, after: nth(n - 1).position, from: nth(n).position, through: nth(n).position };
}

/** Reads a page with these notifications, and returns the numbers of those that are sent. */
function page(outbox: Outbox, all: readonly Notification[], more = false): number[] {
  const sent = outbox.unsent(all);
  outbox.endPage({ next: all.at(-1)?.position ?? "", more });
  return numbers(sent);
}

/** An outbox whose connection was sent 2, 4 and 5, of which 4 is for everyone. */
function sentWithout3(): Outbox {
  const outbox = liveAfter(1);
  for (const one of [nth(2), { ...nth(4), target: null }, nth(5)]) outbox.offer(one);
  assertEquals(numbers(outbox.take(FRAME)), [2, 4, 5]);
  return outbox;
}

Deno.test("Outbox goes back for what came late, and sends nothing twice", () => {
  const outbox = sentWithout3();
  outbox.fallBehind([late(3)]);
  assertEquals(outbox.beginPage(), nth(2).position);
  assertEquals(page(outbox, [nth(3), { ...nth(4), target: null }], true), [3]);
  assertEquals(outbox.beginPage(), nth(4).position);
  assertEquals(page(outbox, [nth(5), nth(6)]), [6]);
  assert(outbox.offer(nth(7)));
  outbox.fallBehind([late(3)]);
  assertEquals(outbox.beginPage(), nth(6).position, "pages have contained it");
  assertEquals(page(outbox, [nth(7)]), [7]);
});

Deno.test("Outbox goes back for what came late while a page was read, and does not if that page has it", () => {
  const ahead = sentWithout3();
  ahead.fallBehind();
  assertEquals(ahead.beginPage(), nth(5).position);
  ahead.fallBehind([late(3)]);
  assertEquals(page(ahead, [nth(6)]), [6]);
  assertEquals([ahead.live, ahead.beginPage()], [false, nth(2).position]);
  assertEquals(page(ahead, [nth(3), nth(4), nth(5), nth(6), nth(7)]), [3, 7]);
  const behind = new Outbox(nth(2).position, MAX);
  behind.beginPage();
  behind.fallBehind([late(3)]);
  assertEquals(page(behind, [nth(3), nth(4)], true), [3, 4]);
  assertEquals(behind.beginPage(), nth(4).position);
});

Deno.test("Outbox goes back for several that came late, of its target and of everyone", () => {
  const outbox = sentWithout3();
  outbox.fallBehind([late(3), late(1, null)]);
  assertEquals(outbox.beginPage(), nth(0).position);
  const all = [{ ...nth(1), target: null }, nth(2), nth(3), { ...nth(4), target: null }, nth(5), nth(6)];
  assertEquals(page(outbox, all), [1, 3, 6]);
  assert(outbox.live);
});

Deno.test("Outbox stays behind if more is offered while a page is read than its limit allows", () => {
  const outbox = new Outbox("", { maxBytes: 35 });
  outbox.beginPage();
  for (const n of [1, 2, 3, 4]) outbox.offer(nth(n));
  outbox.endPage({ next: nth(0).position, more: false });
  assertEquals([outbox.live, outbox.size, outbox.beginPage()], [false, 0, nth(0).position]);
});

Deno.test("Outbox.offer returns true once until the outbox is emptied", () => {
  const outbox = liveAfter(0);
  assertEquals([1, 2, 3].map((n) => outbox.offer(nth(n))), [true, false, false]);
  outbox.take(FRAME);
  assertEquals([4, 5].map((n) => outbox.offer(nth(n))), [true, false]);
});

Deno.test("Outbox falls behind when it exceeds its bytes, and returns the position to read after", () => {
  const outbox = liveAfter(0, { maxBytes: 35 });
  outbox.offer(nth(1));
  assertEquals(numbers(outbox.take(FRAME)), [1]);
  for (const n of [2, 3, 4]) outbox.offer(nth(n));
  assert(outbox.live);
  assert(outbox.offer(nth(5)), "the pump has to be flushed");
  assertEquals([outbox.live, outbox.size, outbox.beginPage()], [false, 0, nth(1).position]);
});

Deno.test("Outbox takes a single notification however large it is", () => {
  const outbox = liveAfter(0, { maxBytes: 5 });
  assert(outbox.offer(nth(1, 100)));
  assertEquals([outbox.live, numbers(outbox.take(10))], [true, [1]]);
});

Deno.test("Outbox.fallBehind keeps the outbox behind if it is called while a page is read", () => {
  const outbox = new Outbox(null, MAX);
  outbox.beginPage();
  outbox.fallBehind();
  outbox.endPage({ next: nth(5).position, more: false });
  assert(!outbox.live);
});

Deno.test("Outbox.take fills frames up to the limit, exceeds it only for a single notification, and returns no empty ones", () => {
  const sizes = fc.array(fc.integer({ min: 6, max: 60 }), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(sizes, fc.integer({ min: 10, max: 200 }), (all, frameBytes) => {
    const outbox = liveAfter(0, { maxBytes: 1_000_000 });
    for (const [index, bytes] of all.entries()) outbox.offer(nth(index + 1, bytes));
    const taken: number[] = [];
    while (outbox.size > 0) {
      const notifications = outbox.take(frameBytes);
      const frame = `[${notifications.map(({ text }) => text).join(",")}]`;
      assert(notifications.length > 0);
      if (notifications.length > 1) assertLessOrEqual(frame.length, frameBytes);
      const next = all[taken.length + notifications.length];
      if (next !== undefined) assert(frame.length + 1 + next > frameBytes, "there was room for more");
      taken.push(...numbers(notifications));
    }
    assertEquals(taken, all.map((_, index) => index + 1));
  }));
});

Deno.test("Outbox calls onFellBehind each time that it falls behind, and not while it is behind", () => {
  let times = 0;
  const outbox = new Outbox("", { maxBytes: 35, onFellBehind: () => void times++ });
  outbox.fallBehind();
  assertEquals(times, 0, "it has not been live yet");
  for (const n of [1, 2]) {
    outbox.beginPage();
    outbox.endPage({ next: nth(0).position, more: false });
    for (const m of [1, 2, 3, 4]) outbox.offer(nth(m));
    outbox.fallBehind();
    assertEquals(times, n);
  }
});

Deno.test("Outbox.bytes is the size of what waits, with a comma after each notification", () => {
  const outbox = liveAfter(0);
  for (const n of [1, 2]) outbox.offer(nth(n, 20));
  assertEquals(outbox.bytes, 42);
  outbox.take(FRAME);
  assertEquals(outbox.bytes, 0);
});
