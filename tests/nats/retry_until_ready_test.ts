/** retryUntilReady: which errors are temporary, and for how long. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { errors } from "@nats-io/nats-core";
import { retryUntilReady } from "../../src/nats/retry_until_ready.ts";
import { NatsCluster } from "./nats_cluster.ts";
import { test } from "./nats_server.ts";

Deno.test("retryUntilReady repeats a request without an answer, and rejects after 18 s", async () => {
  using time = new FakeTime();
  let requests = 0;
  const answer = retryUntilReady(() =>
    ++requests < 3 ? Promise.reject(new errors.TimeoutError()) : Promise.resolve("yes")
  );
  await time.tickAsync(1_000);
  assertEquals([await answer, requests], ["yes", 3]);
  const rejected = assertRejects(
    () => retryUntilReady(() => Promise.reject(new errors.TimeoutError())),
    Error,
    "NATS has not been ready for 18 s",
  );
  await time.tickAsync(19_000);
  await rejected;
});

Deno.test("retryUntilReady rejects at once with an error that is not temporary", async () => {
  await assertRejects(() => retryUntilReady(() => Promise.reject(new RangeError("no"))), RangeError, "no");
});

test("NatsLink opens when servers without a leader have elected one", async () => {
  await using cluster = await NatsCluster.started();
  const leader = await cluster.leader();
  const other = cluster.servers.find((server) => server !== leader);
  leader.signal("SIGSTOP");
  const opening = other?.link({ requestMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 80));
  leader.signal("SIGCONT");
  await (await opening)?.close();
});
