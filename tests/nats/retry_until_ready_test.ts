import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { errors } from "@nats-io/nats-core";
import { retryUntilReady } from "../../src/nats/retry_until_ready.ts";
import { NatsCluster } from "./nats_cluster.ts";
import { test } from "./nats_server.ts";

Deno.test("patiently asks again what nobody has answered, and gives up after 18 s with plain words", async () => {
  using time = new FakeTime();
  let asked = 0;
  const answered = retryUntilReady(() =>
    ++asked < 3 ? Promise.reject(new errors.TimeoutError()) : Promise.resolve("yes")
  );
  await time.tickAsync(1_000);
  assertEquals([await answered, asked], ["yes", 3]);
  const refused = assertRejects(
    () => retryUntilReady(() => Promise.reject(new errors.TimeoutError())),
    Error,
    "NATS has not been ready for 18 s",
  );
  await time.tickAsync(19_000);
  await refused;
});

Deno.test("patiently rejects at once with an error that does not pass", async () => {
  await assertRejects(() => retryUntilReady(() => Promise.reject(new RangeError("no"))), RangeError, "no");
});

test("NatsLink opens when servers that have no leader have chosen one", async () => {
  await using cluster = await NatsCluster.started();
  const leader = await cluster.leader();
  const other = cluster.servers.find((server) => server !== leader);
  leader.signal("SIGSTOP");
  const opening = other?.link({ requestMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 80));
  leader.signal("SIGCONT");
  await (await opening)?.close();
});
