import { assert, assertEquals, assertRejects } from "@std/assert";
import { JetStreamApiError, type PubAck } from "@nats-io/jetstream";
import { publishOnce } from "../../../src/journal/nats/publish_once.ts";
import type { NatsLink } from "../../../src/nats/link.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";

const ONCE = { subject: "a.b", payload: "hello", id: "x" };

/** NATS 2.10 says of the second of two that come at once that it is stored, at 0; 2.12 that the first is in process. */
const UNDECIDED: Record<string, () => Promise<PubAck>> = {
  "at 0": () => Promise.resolve({ stream: "a", domain: "", seq: 0, duplicate: true }),
  "in process": () =>
    Promise.reject(
      new JetStreamApiError({
        code: 400,
        err_code: 10_158,
        description: "duplicate message id is in process",
      }),
    ),
};

/** Answers so many times so, before the server is asked. */
function undecided(
  { jetstream }: NatsLink,
  { answer, times }: { answer: () => Promise<PubAck>; times: number },
) {
  const publish = jetstream.publish.bind(jetstream);
  let left = times;
  jetstream.publish = (...args) => left-- > 0 ? answer() : publish(...args);
}

for (const [how, answer] of Object.entries(UNDECIDED)) {
  test(`publishedOnce asks again while NATS does not know whether it is stored (${how})`, async () => {
    await using server = await NatsServer.started();
    await using link = await server.link();
    await link.manager.streams.add({ name: "a", subjects: ["a.>"] });
    undecided(link, { answer, times: 2 });
    const first = await publishOnce(link, ONCE);
    assert(!first.duplicate);
    const second = await publishOnce(link, ONCE);
    assertEquals([second.duplicate, second.seq], [true, first.seq]);
  });
}

test("publishedOnce rejects as NATS does", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await assertRejects(() => publishOnce(link, ONCE), Error);
});
