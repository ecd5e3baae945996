/** Tests Inbox: it accepts all messages or none, and never more than the channel and the backlog have room for. */

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

Deno.test("Inbox.take accepts all messages, or none without room for all", () => {
  const received = new Channel<ReceivedMessage>(3);
  const inbox = new Inbox(received, null);
  assert(inbox.take([message, ack]));
  assert(!inbox.take([message, ack]));
  assert(inbox.take([ack]));
  assertEquals(received.drain(), [message, ack, ack]);
});

Deno.test("Inbox.take counts the messages in the backlog and those in the channel", () => {
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

Deno.test("Inbox.take accepts acks when the backlog of messages is full", () => {
  const received = new Channel<ReceivedMessage>(100);
  const inbox = new Inbox(received, { size: 10, capacity: 10 });
  assert(inbox.take([ack, ack]));
  assert(!inbox.take([ack, message]), "all or nothing");
  assertEquals(received.size, 2);
});
