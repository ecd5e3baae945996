/** openBackend gives push subscriptions a store that is as durable as the journal. */

import { assertEquals, assertRejects } from "@std/assert";
import { type Config, configFrom } from "../../src/config/config.ts";
import { LIMITS } from "../../src/config/limits.ts";
import { UnavailableError } from "../../src/journal/journal.ts";
import { type Backend, openBackend } from "../../src/service/backend.ts";
import { createCore } from "../../src/service/core.ts";
import { browser, browsersOf } from "../contracts/subscriptions.ts";
import { NatsServer, test } from "../nats/nats_server.ts";

/** Opens the backend of a node in development mode, which has a key for Web Push. */
async function open(journal: string, changed: Partial<Config> = {}): Promise<Backend & AsyncDisposable> {
  const config = { ...configFrom({ TIDINGS_JOURNAL: journal }), ...changed };
  const core = createCore(config, { limits: LIMITS, now: Date.now });
  const backend = await openBackend(core);
  return {
    ...backend,
    async [Symbol.asyncDispose]() {
      core.stopping.abort();
      await backend.close();
    },
  };
}

/** Adds a subscription, and resolves with what a node has that is started afterwards. */
async function keptBy(journal: string): Promise<string[]> {
  {
    await using backend = await open(journal);
    await backend.subscriptions.add(browser("phone", "alexander"));
    assertEquals(await browsersOf(backend.subscriptions, "alexander"), ["phone"]);
  }
  await using backend = await open(journal);
  return await browsersOf(backend.subscriptions, "alexander");
}

Deno.test("openBackend keeps push subscriptions in memory with the memory journal", async () => {
  assertEquals(await keptBy("memory:"), []);
});

Deno.test("openBackend keeps push subscriptions in the file of the SQLite journal", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(await keptBy(`sqlite:${folder}/j.db`), ["phone"]);
  await Deno.remove(folder, { recursive: true });
});

test("openBackend keeps push subscriptions in NATS with the NATS journal", async () => {
  await using server = await NatsServer.started();
  assertEquals(await keptBy(server.url()), ["phone"]);
});

test("openBackend creates streams for pushes and presence in NATS only if they are configured", async () => {
  await using server = await NatsServer.started();
  await using backend = await open(server.url(), { push: null, presenceWebhook: null, lastSeenSeconds: 0 });
  assertEquals(await backend.subscriptions.of("alexander"), []);
  await assertRejects(() => backend.subscriptions.add(browser("phone", "alexander")), UnavailableError);
  await using link = await server.link();
  const names = await Array.fromAsync(link.manager.streams.names());
  assertEquals([await backend.lastSeen.of("alexander"), backend.presence], [null, null]);
  assertEquals(names.toSorted(), [
    "tidings",
    "tidings-ids",
    "tidings-revoked",
    "tidings-schedule",
    "tidings-topics",
  ]);
});
