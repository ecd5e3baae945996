/** MarkSender: one message under way, sent until it is answered. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { MarkMessage } from "../../src/client/client.ts";
import { MarkSender } from "../../src/client/mark_sender.ts";

const READ = (...all: string[]) => ({ type: "read", positions: new Set(all) }) as const;
const PROBLEM = { title: "no", detail: "no" };

function setUp() {
  const sent: MarkMessage[] = [];
  const refused: number[] = [], unseen: unknown[] = [];
  const sender = new MarkSender({
    send: (message) => void sent.push(message),
    onRefused: ({ status }) => void refused.push(status),
    onUnseen: (change) => void unseen.push(change),
  });
  const ref = () => sent.at(-1)?.ref ?? "";
  return { sender, sent, refused, unseen, ref };
}

/** What was sent, without the refs. */
function texts(sent: readonly MarkMessage[]): string[] {
  return sent.map((message) => "through" in message ? message.through : message.positions.join());
}

Deno.test("MarkSender sends the next change when the one before is answered, and all that wait together", () => {
  using _ = new FakeTime();
  const { sender, sent, ref } = setUp();
  for (const position of ["j-1", "j-2", "j-3"]) sender.add(READ(position));
  sender.onAnswer({ ref: "of another page" });
  assertEquals(texts(sent), ["j-1"]);
  sender.onAnswer({ ref: ref() });
  assertEquals(texts(sent), ["j-1", "j-2,j-3"]);
  assertEquals(new Set(sent.map(({ ref }) => ref)).size, 2);
  sender.close();
});

Deno.test("MarkSender sends a change again on the next connection, after ten seconds, and if there was no room", async () => {
  using time = new FakeTime();
  const { sender, sent, ref, refused } = setUp();
  sender.add(READ("j-1"));
  sender.resend();
  assertEquals(sent.length, 2);
  await time.tickAsync(10_000);
  assertEquals(sent.length, 3);
  for (const status of [503, 429]) sender.onAnswer({ ref: ref(), problem: { ...PROBLEM, status } });
  await time.tickAsync(2_000);
  assertEquals(sent.length, 4);
  assertEquals(new Set(sent.map(({ ref }) => ref)).size, 1);
  assertEquals([refused, sender.effectOn("j-1")], [[], true]);
  sender.close();
});

for (const status of [400, 422, 501]) {
  Deno.test(`MarkSender gives up a change that is refused with ${status}, and sends the next`, () => {
    using _ = new FakeTime();
    const { sender, sent, ref, refused } = setUp();
    sender.add(READ("j-1"));
    sender.add(READ("j-2"));
    sender.onAnswer({ ref: ref(), problem: { ...PROBLEM, status } });
    assertEquals([refused, sender.effectOn("j-1"), texts(sent)], [[status], undefined, ["j-1", "j-2"]]);
    sender.close();
  });
}

Deno.test("MarkSender keeps a merged change until a state shows it, or for a second", async () => {
  using time = new FakeTime();
  const { sender, ref, unseen } = setUp();
  const state = { position: "j-9", at: "", through: null, read: ["j-2"], unread: [] };
  sender.add(READ("j-1"));
  sender.onAnswer({ ref: ref() });
  sender.onState(state);
  assertEquals(sender.effectOn("j-1"), true, "the state may be from before");
  sender.onState({ ...state, read: ["j-1", "j-2"] });
  assertEquals(sender.effectOn("j-1"), undefined);
  sender.add(READ("j-3"));
  sender.onAnswer({ ref: ref() });
  await time.tickAsync(1_000);
  assertEquals([unseen, sender.effectOn("j-3")], [[READ("j-3")], undefined]);
  sender.close();
});

Deno.test("MarkSender keeps a merged change while a state shows only an earlier one", () => {
  using _ = new FakeTime();
  const { sender, ref } = setUp();
  for (const position of ["j-1", "j-2"]) {
    sender.add(READ(position));
    sender.onAnswer({ ref: ref() });
  }
  sender.onState({ position: "j-9", at: "", through: "j-1", read: [], unread: [] });
  assertEquals(["j-1", "j-2"].map((one) => sender.effectOn(one)), [undefined, true]);
  sender.close();
});

Deno.test("MarkSender sends all that waits when its page is left, and again if that comes back", () => {
  using _ = new FakeTime();
  const { sender, sent, ref } = setUp();
  sender.add(READ("j-1"));
  const first = ref();
  sender.add(READ("j-2"));
  sender.add({ type: "unread", positions: new Set(["j-3"]) });
  sender.flush();
  assertEquals(texts(sent), ["j-1", "j-1", "j-2", "j-3"]);
  sender.onAnswer({ ref: ref() });
  assertEquals(sender.effectOn("j-3"), false, "it waits for the answer to what comes before it");
  sender.onAnswer({ ref: first });
  sender.onAnswer({ ref: ref() });
  assertEquals(texts(sent).slice(4), ["j-2", "j-3"]);
  sender.add(READ("j-4"));
  sender.close();
  assertEquals(texts(sent).slice(6), ["j-3", "j-4"]);
});
