/** Inbox: all or nothing, and never more than there is room for, here and where messages go. */

import { assert, assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { Inbox } from "../../src/processor/inbox.ts";
import type { ReceivedMessage } from "../../src/connection/read_pump.ts";

const message: ReceivedMessage = {
  connection: "c",
  target: "alexander",
  message: { type: "message", data: 1 },
};
const ack: ReceivedMessage = { connection: "c", target: "alexander", message: { type: "ack", ids: ["a"] } };

Deno.test("Inbox.take takes all, or none if there is not room for all", () => {
  const received = new Channel<ReceivedMessage>(3);
  const inbox = new Inbox(received, null);
  assert(inbox.take([message, ack]));
  assert(!inbox.take([message, ack]));
  assert(inbox.take([ack]));
  assertEquals(received.drain(), [message, ack, ack]);
});

Deno.test("Inbox.take counts messages that wait for the application, and those on the way to there", () => {
  const received = new Channel<ReceivedMessage>(100);
  const backlog = { size: 7, capacity: 10 };
  const inbox = new Inbox(received, backlog);
  assert(inbox.take([message, message]));
  assert(!inbox.take([message, message]));
  assert(inbox.take([message]));
  assert(!inbox.take([message]));
  received.drain();
  backlog.size = 9;
  assert(inbox.take([message]));
});

Deno.test("Inbox.take takes acks however many messages wait for the application", () => {
  const received = new Channel<ReceivedMessage>(100);
  const inbox = new Inbox(received, { size: 10, capacity: 10 });
  assert(inbox.take([ack, ack]));
  assert(!inbox.take([ack, message]), "all or none");
  assertEquals(received.size, 2);
});
