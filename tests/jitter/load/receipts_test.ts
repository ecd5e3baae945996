/** Tests of what a client has received, and of its replays. */

import { assert, assertEquals } from "@std/assert";
import { Log } from "./log.ts";
import { Receipts } from "./receipts.ts";

/** Returns a log of messages that were all accepted. */
function logOf(messages: number): Log {
  const log = new Log();
  for (let seq = 1; seq <= messages; seq++) {
    log.post(seq, seq);
    log.accept(seq);
  }
  return log;
}

Deno.test("Receipts counts a message once, and what arrives again as doubled", () => {
  const log = logOf(2), receipts = new Receipts(log), other = new Receipts(log);
  for (const seq of [1, 2, 2, 1, 1]) receipts.take(seq, performance.now());
  other.take(1, performance.now());
  assertEquals([log.ages.length, log.doubled], [3, 3]);
  assert(log.ages.every((age) => age >= 0));
});

Deno.test("Receipts measures a replay from the return until the last missed message", () => {
  const log = logOf(3), receipts = new Receipts(log);
  receipts.take(1, 5);
  receipts.comeBack(100);
  receipts.take(3, 110);
  assertEquals([log.returns, log.replays], [1, []]);
  receipts.take(2, 130);
  assertEquals(log.replays, [30]);
});

Deno.test("Receipts expects no replay if nothing was missed", () => {
  const log = logOf(1), receipts = new Receipts(log);
  receipts.take(1, 5);
  receipts.comeBack(100);
  assertEquals([log.returns, log.replays], [0, []]);
});

Deno.test("Receipts expects at each return what was accepted since the one before, and of a lost message no end", () => {
  const log = logOf(2), receipts = new Receipts(log);
  receipts.comeBack(100);
  receipts.take(2, 110); // and never 1
  for (const seq of [3, 4]) {
    log.post(seq, seq);
    log.accept(seq);
  }
  receipts.comeBack(200);
  receipts.take(3, 210);
  receipts.take(4, 220);
  assertEquals([log.returns, log.replays], [2, [20]]);
});
