/** receiving: which connection gets what a browser posted, and what is answered when there is none. */

import { assertEquals, assertRejects } from "@std/assert";
import { Channel } from "../../src/channel/channel.ts";
import { Problem } from "../../src/problem.ts";
import type { BrowserMessage } from "../../src/protocol.ts";
import { receiving } from "../../src/socket/receive.ts";

const MESSAGES: BrowserMessage[] = [{ type: "ack", ids: ["a"] }];

function recipient(id: string) {
  const taken: (readonly BrowserMessage[])[] = [];
  return { id, taken, take: (messages: readonly BrowserMessage[]) => void taken.push(messages) };
}

Deno.test("receiving gives messages to the connection of that id among those of the target", async () => {
  const [laptop, tablet] = [recipient("laptop"), recipient("tablet")];
  const asked: string[] = [];
  const receive = receiving((target) => {
    asked.push(target);
    return Promise.resolve([laptop, tablet]);
  });
  await receive("alexander", { connection: "tablet", messages: MESSAGES });
  assertEquals([asked, laptop.taken, tablet.taken], [["alexander"], [], [MESSAGES]]);
});

Deno.test("receiving finds nothing where the target has no such connection", async () => {
  const receive = receiving(() => Promise.resolve([recipient("laptop")]));
  const request = { connection: "tablet", messages: MESSAGES };
  assertEquals((await assertRejects(() => receive("alexander", request), Problem)).kind, "not-found");
});

Deno.test("receiving finds nothing once the hub has ended", async () => {
  const ended = new Channel<never>(1);
  ended.close();
  const receive = receiving(() => ended.receive());
  const request = { connection: "tablet", messages: MESSAGES };
  assertEquals((await assertRejects(() => receive("alexander", request), Problem)).kind, "not-found");
});

Deno.test("receiving hands on why a connection takes nothing, and other failures", async () => {
  const full = {
    id: "tablet",
    take() {
      throw new Problem("unavailable", "full");
    },
  };
  const request = { connection: "tablet", messages: MESSAGES };
  const refused = await assertRejects(
    () => receiving(() => Promise.resolve([full]))("alexander", request),
    Problem,
  );
  assertEquals(refused.kind, "unavailable");
  await assertRejects(
    () => receiving(() => Promise.reject(new TypeError("broken")))("a", request),
    TypeError,
  );
});
