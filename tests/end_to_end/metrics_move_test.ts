/** Each metric of a real service moves when its thing happens. */

import { assert, assertEquals } from "@std/assert";
import { VERSION } from "../../src/wire/version.ts";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { Application, status } from "../processor/webhook/application.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

/** Scrapes a service: the value of each sample, by its name without prefix and its labels. */
async function scrape({ url }: TestService): Promise<(sample: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = new Map(
    text.split("\n").filter((line) => line.startsWith("tidings_")).map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice("tidings_".length, end), Number(line.slice(end))] as const;
    }),
  );
  return (sample) => {
    const value = samples.get(sample);
    assert(value !== undefined, `${sample} in\n${text}`);
    return value;
  };
}

function webhookOf({ endpoint }: Application): Record<string, string> {
  return {
    TIDINGS_MESSAGE_WEBHOOK_URL: endpoint.url,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${endpoint.secrets[0]?.toBase64()}`,
  };
}

/** Holds up the event loop. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

Deno.test("The service's metrics name its version and that of Deno", async () => {
  await using service = await TestService.start();
  const value = await scrape(service);
  assertEquals(value(`build_info{version="${VERSION}",deno="${Deno.version.deno}"}`), 1);
});

Deno.test("The service's metrics show what the CPU does, and what holds up the event loop", async () => {
  await using service = await TestService.start();
  const before = await scrape(service);
  block(600);
  const after = await scrape(service);
  assert(after("event_loop_lag_seconds") >= 0.3, `${after("event_loop_lag_seconds")}`); // the timer was due in 0.25
  assert(after("event_loop_lag_seconds") > before("event_loop_lag_seconds"));
  for (const name of ["cpu_seconds_total", "event_loop_cpu_seconds_total"]) {
    assert(after(name) > before(name), name);
  }
});

for (const kind of ["memory", "sqlite"]) {
  Deno.test(`The service's metrics show what the journal keeps and removes, and how long it takes (${kind})`, async () => {
    const folder = await Deno.makeTempDir();
    const journal = kind === "memory" ? "memory:" : `sqlite:${folder}/j.db?synchronous=normal`;
    {
      let now = Date.UTC(2026, 0, 1);
      await using service = await TestService.start({
        TIDINGS_JOURNAL: journal,
        TIDINGS_RETENTION_PER_TARGET: "2",
        TIDINGS_RETENTION_BYTES: "1048576",
      }, { now: () => now });
      const before = await scrape(service);
      assertEquals(before("journal_entries"), 0);
      assertEquals(before("journal_capacity_bytes"), 1_048_576);
      assertEquals(before("append_seconds_count"), 0);
      for (let n = 0; n < 5; n++) await service.notify({ target: "alexander", data: n });
      for (let n = 0; n < 3; n++) await service.notify({ target: "burr", topic: "duel", data: n });
      await eventually(async () => {
        now += 1_000;
        return (await scrape(service))("journal_oldest_age_seconds") >= 5;
      }, "the oldest entry grows older");
      const after = await scrape(service);
      assertEquals(after("journal_entries"), 3);
      assert(after("journal_bytes") > before("journal_bytes"));
      assertEquals(after('journal_evictions_total{reason="target_limit"}'), 3);
      assertEquals(after('journal_evictions_total{reason="replaced"}'), 2);
      assert(
        after("append_seconds_count") >= 6,
        "the first of 8 is measured, and then every second, and so on",
      );
    }
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("The service's metrics show messages that the webhook does not take", async () => {
  let answer = 503;
  await using application = new Application(() => status(answer));
  await using service = await TestService.start(webhookOf(application));
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const before = await scrape(service);
  assertEquals(before("webhook_backlog"), 0);
  assert(before("webhook_backlog_capacity") > 0);
  tab.send('{"type":"message","data":1}');
  await eventually(async () => (await scrape(service))('webhook_attempts_total{outcome="failed"}') > 0);
  assertEquals((await scrape(service))("webhook_backlog"), 1);
  answer = 410;
  tab.send('{"type":"message","data":2}');
  await eventually(async () => (await scrape(service))("webhook_backlog") === 0);
  const after = await scrape(service);
  assert(after('webhook_attempts_total{outcome="gone"}') >= 1);
  assertEquals(after("webhook_lost_total"), 2);
  await tab.close();
});

test("The service's metrics count dead letters of the queue", async () => {
  await using server = await NatsServer.started();
  await using service = await TestService.start({ TIDINGS_QUEUE: server.url("orders") });
  await using link = await server.link();
  assertEquals((await scrape(service))("queue_dead_letters_total"), 0);
  await link.jetstream.publish("orders.in", "this is not JSON");
  await eventually(async () => (await scrape(service))("queue_dead_letters_total") === 1);
});

test("The service's metrics show the journal in NATS, and are there at once while NATS is away", async () => {
  await using server = await NatsServer.started();
  await using service = await TestService.start({ TIDINGS_JOURNAL: server.url() }, {
    limits: { heartbeatMs: 20 },
  });
  for (let n = 0; n < 3; n++) await service.notify({ target: "burr", topic: "duel", data: n });
  await eventually(async () => (await scrape(service))('journal_evictions_total{reason="unknown"}') === 2);
  const before = await scrape(service);
  assert(before("journal_entries") >= 1 && before("journal_bytes") > 0);
  await server.stop();
  await eventually(async () => {
    const response = await fetch(`${service.url}/readyz`);
    await response.body?.cancel();
    return response.status === 503;
  }, "the node knows that NATS is away");
  const away = await scrape(service);
  assertEquals(away("journal_entries"), before("journal_entries"));
  assert(away("journal_oldest_age_seconds") >= before("journal_oldest_age_seconds"));
});
