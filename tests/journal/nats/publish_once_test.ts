/** publishOnce: what it does while NATS does not know whether a message will be stored. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { JetStreamApiError, type PubAck } from "@nats-io/jetstream";
import { publishOnce } from "../../../src/journal/nats/publish_once.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const MESSAGE = { subject: "a.b", payload: "hello", id: "x" };

/** The answers to the second of two equal messages: NATS 2.10 acks it with sequence number 0, and NATS 2.12 refuses it. */
const UNDECIDED: Record<string, () => Promise<PubAck>> = {
  "sequence number 0": () => Promise.resolve({ stream: "a", domain: "", seq: 0, duplicate: true }),
  "in process": () =>
    Promise.reject(
      new JetStreamApiError({
        code: 400,
        err_code: 10_158,
        description: "duplicate message id is in process",
      }),
    ),
};

/** Gives this answer to the first publishes, and only then sends them to the server. */
function answerFirst(
  { jetstream }: NatsLink,
  { answer, times }: { answer: () => Promise<PubAck>; times: number },
) {
  const publish = jetstream.publish.bind(jetstream);
  let left = times;
  jetstream.publish = (...args) => left-- > 0 ? answer() : publish(...args);
}

for (const [name, answer] of Object.entries(UNDECIDED)) {
  test(`publishOnce publishes again while NATS does not know whether it stores the message (${name})`, async () => {
    await using server = await NatsServer.started();
    await using link = await server.link();
    await link.manager.streams.add({ name: "a", subjects: ["a.>"] });
    answerFirst(link, { answer, times: 2 });
    const first = await publishOnce(link, MESSAGE);
    assert(!first.duplicate);
    const second = await publishOnce(link, MESSAGE);
    assertEquals([second.duplicate, second.seq], [true, first.seq]);
  });
}

test("publishOnce rejects with any other error of NATS", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await assertRejects(() => publishOnce(link, MESSAGE), Error);
});
