/** Tests Inbox: it accepts all messages or none, and never more than the channel and the backlog have room for. */

import { assert, assertEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { Inbox } from "../../src/processor/inbox.ts";
import type { ReceivedMessage } from "../../src/connection/read_pump.ts";

const pump = { sendMessage() {} };
const message: ReceivedMessage = {
  pump,
  connection: "c",
  target: "alexander",
  message: { type: "message", data: 1 },
};
const ack: ReceivedMessage = {
  pump,
  connection: "c",
  target: "alexander",
  message: { type: "ack", ids: ["a"] },
};

Deno.test("Inbox.take accepts all messages, or none without room for all", () => {
  const received = new Channel<ReceivedMessage>(3);
  const inbox = new Inbox(received, null);
  assert(inbox.take([message, ack]));
  assert(!inbox.take([message, ack]));
  assert(inbox.take([ack]));
  assertEquals(received.drain(), [message, ack, ack]);
});

/** A backlog with room for so many more messages of alexander, and none for others. */
function createBacklog(room: number) {
  return {
    room,
    hasRoomFor(target: string, count: number) {
      return target === "alexander" && count <= this.room;
    },
  };
}

Deno.test("Inbox.take counts the messages in the backlog and those in the channel", () => {
  const received = new Channel<ReceivedMessage>(100);
  const backlog = createBacklog(3);
  const inbox = new Inbox(received, backlog);
  assert(inbox.take([message, message]));
  assert(!inbox.take([message, message]));
  assert(inbox.take([message]));
  assert(!inbox.take([message]));
  received.drain();
  backlog.room = 1;
  assert(inbox.take([message]));
});

Deno.test("Inbox.take accepts acks when the backlog of messages is full", () => {
  const received = new Channel<ReceivedMessage>(100);
  const inbox = new Inbox(received, createBacklog(0));
  assert(inbox.take([ack, ack]));
  assert(!inbox.take([ack, message]), "all or nothing");
  assertEquals(received.size, 2);
});

Deno.test("Inbox.take asks the backlog about the target of the messages", () => {
  const inbox = new Inbox(new Channel<ReceivedMessage>(100), createBacklog(10));
  assert(!inbox.take([{ ...message, target: "burr" }]));
  assert(inbox.take([message]));
});
