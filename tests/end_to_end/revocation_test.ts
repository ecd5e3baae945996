/** Tests of revocations, on a single node and on several: open connections end, and new ones are refused. */

import { assert, assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { eventually } from "../eventually.ts";
import { IdentityProvider } from "../http/auth/identity_provider.ts";
import { RecordedEvents } from "../client/recorded_events.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import {
  ALL_REVOKED,
  answersTo,
  AUTHORIZATION,
  codeOf,
  issue,
  openStream,
  openTab,
  revocationMetrics,
  revoke,
  SECRETS,
  sign,
} from "./revoking.ts";
import { TestService } from "./test_service.ts";

const PUSH = {
  TIDINGS_VAPID_PRIVATE_KEY: "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
  TIDINGS_VAPID_SUBJECT: "mailto:hamilton@example.com",
};

Deno.test("The service ends the connections of a revoked token, and refuses it on every route", async () => {
  await using service = await TestService.start({ ...SECRETS, ...PUSH });
  const { token, jti } = await issue(service, "alexander"), other = await issue(service, "alexander");
  assert(jti !== other.jti);
  const tab = await openTab(service, token), stream = await openStream(service, token);
  await using spared = await openTab(service, other.token);
  const before = await answersTo(service, token);
  assertEquals(before.filter((answer) => answer.startsWith("401")), []);
  const answer = await revoke(service, { jti });
  assertEquals(Object.keys(answer), ["jti", "kept_until"]);
  assertEquals(await codeOf(tab), 4001);
  assertEquals([await stream.messages(), stream.close?.code], [null, 4001]);
  assertEquals(await answersTo(service, token), ALL_REVOKED);
  assertEquals(await answersTo(service, other.token), before);
  assertEquals(await revocationMetrics(service), [
    "tidings_revocations 1",
    'tidings_revoked_total{effect="refused"} 6',
    'tidings_revoked_total{effect="closed"} 2',
  ]);
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals(await spared.data(1), [1]);
});

Deno.test("The service revokes what a target got until now, and accepts what it gets in the same second", async () => {
  await using service = await TestService.start(SECRETS);
  const issued = await issue(service, "alexander"), old = await sign("alexander");
  const tabs = [await openTab(service, issued.token), await openTab(service, old)];
  await using others = await openTab(service, (await issue(service, "eliza")).token);
  const { target, issued_before } = await revoke(service, { target: "alexander" });
  assertEquals(target, "alexander");
  assert(Math.abs(Date.parse(issued_before ?? "") - Date.now()) < 5_000);
  assertEquals(await Promise.all(tabs.map(codeOf)), [4001, 4001]);
  for (const token of [issued.token, old]) {
    assertEquals((await answersTo(service, token)).slice(0, 4), ALL_REVOKED.slice(0, 4));
  }
  await using again = await openTab(service, (await issue(service, "alexander")).token);
  await service.notify({ targets: ["alexander", "eliza"], data: 1 }, AUTHORIZATION);
  assertEquals([await again.data(1), await others.data(1)], [[1], [1]]);
});

Deno.test("The service revokes only what a target got before a time", async () => {
  await using service = await TestService.start(SECRETS);
  const old = await openTab(service, await sign("alexander", { agoSeconds: 60 }));
  await using young = await openTab(service, await sign("alexander", { agoSeconds: 10 }));
  const issued_before = new Date(Date.now() - 30_000).toISOString();
  await revoke(service, { target: "alexander", issued_before });
  assertEquals(await codeOf(old), 4001);
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals(await young.data(1), [1]);
});

Deno.test("The service refuses a revoked token of a key set, which it remembers as verified", async () => {
  await using provider = new IdentityProvider();
  await provider.add("k", "ES256");
  await using service = await TestService.start({
    TIDINGS_PUBLISHER_KEYS: SECRETS.TIDINGS_PUBLISHER_KEYS,
    TIDINGS_TOKEN_JWKS_URL: provider.url,
  });
  const token = await provider.sign("k", { sub: "alexander", jti: "7", iat: Math.floor(Date.now() / 1000) });
  const tab = await openTab(service, token);
  await using spared = await openTab(service, await provider.sign("k", { sub: "alexander", jti: "8" }));
  await revoke(service, { jti: "7" });
  assertEquals(await codeOf(tab), 4001);
  assertEquals((await answersTo(service, token)).slice(0, 4), ALL_REVOKED.slice(0, 4));
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals(await spared.data(1), [1]);
});

Deno.test("The service with a SQLite journal refuses a revoked token after a restart", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { ...SECRETS, TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  const one = await sign("alexander", { jti: "1" }), other = await sign("eliza");
  {
    await using service = await TestService.start(environment);
    await revoke(service, { jti: "1" });
    await revoke(service, { target: "eliza" });
  }
  {
    await using service = await TestService.start(environment);
    for (const token of [one, other]) {
      assertEquals((await answersTo(service, token)).slice(0, 4), ALL_REVOKED.slice(0, 4));
    }
  }
  await Deno.remove(folder, { recursive: true });
});

test("The service with NATS ends the connections of revoked tokens on all nodes, also of one that starts later", async () => {
  await using server = await NatsServer.started();
  const start = () => TestService.start({ ...SECRETS, TIDINGS_JOURNAL: server.url() });
  await using one = await start();
  await using two = await start();
  await using three = await start();
  const nodes = [one, two, three], first = await sign("alexander", { jti: "1" });
  const tabs = await Promise.all(nodes.map((node) => openTab(node, first)));
  const streams = await Promise.all(nodes.map((node) => openStream(node, first)));
  await revoke(two, { jti: "1" });
  assertEquals(await Promise.all(tabs.map(codeOf)), [4001, 4001, 4001]);
  for (const stream of streams) assertEquals([await stream.messages(), stream.close?.code], [null, 4001]);
  const second = await sign("alexander"),
    more = await Promise.all(nodes.map((node) => openTab(node, second)));
  await revoke(three, { target: "alexander" });
  assertEquals(await Promise.all(more.map(codeOf)), [4001, 4001, 4001]);
  await using late = await start();
  for (const node of [...nodes, late]) {
    for (const token of [first, second]) {
      assertEquals((await answersTo(node, token)).slice(0, 4), ALL_REVOKED.slice(0, 4));
    }
  }
});

test("The service with NATS admits nobody while it cannot know what is revoked", async () => {
  await using server = await NatsServer.started();
  await using service = await TestService.start({ ...SECRETS, TIDINGS_JOURNAL: server.url() });
  const token = await sign("alexander");
  await using _ = await openTab(service, token);
  await server.stop();
  await eventually(async () => {
    const answers = await answersTo(service, token);
    return answers.slice(0, 4).every((answer) => answer === "503 unavailable");
  }, "the node refuses");
  await server.start();
  await eventually(async () => (await answersTo(service, token))[2] === "200", "the node is back");
});

Deno.test("The SDK asks for another token when its own was revoked, and goes on with that", async () => {
  await using service = await TestService.start(SECRETS);
  const given: string[] = [];
  await using tidings = connect(service.url, {
    async token() {
      const { token, jti } = await issue(service, "alexander");
      given.push(jti);
      return token;
    },
  });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  await revoke(service, { jti: given[0] });
  await events.waitFor("open", 2);
  await revoke(service, { target: "alexander" });
  await events.waitFor("open", 3);
  assertEquals(given.length, 3);
});
