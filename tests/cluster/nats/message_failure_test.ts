/** The failure to process a message, for the log. */

import { assertEquals } from "@std/assert";
import { messageFailure } from "../../../src/cluster/nats/message_failure.ts";
import { Heartbeat } from "../../../src/cluster/nats/messages.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

Deno.test("messageFailure says the same of all messages that no node has sent, whatever they say", () => {
  const causes = [() => JSON.parse("one"), () => JSON.parse("{"), () => Heartbeat.parse({ node: 5 })].map(
    thrownBy,
  );
  const failures = causes.map((cause) => messageFailure("cannot process it", cause));
  for (const { message, cause } of failures) {
    assertEquals([message, cause], ["cannot process it: it is not from a node of this version", undefined]);
  }
});

Deno.test("messageFailure keeps the cause of a fault", () => {
  const cause = new TypeError("x is not a function"), failure = messageFailure("cannot process it", cause);
  assertEquals([failure.message, failure.cause], ["cannot process it", cause]);
});
