/** Tests of how a stream of Server-Sent Events ends: when the service stops, and when a token expires. */

import { assertEquals } from "@std/assert";
import { SignJWT } from "jose";
import { EventReader } from "./event_reader.ts";
import { notifyLarge, upTo } from "./large_notifications.ts";
import { ServiceProcess } from "./service_process.ts";
import { TestService } from "./test_service.ts";

const ALEXANDER = { target: "alexander" };

Deno.test("The service delivers what it has accepted before it stops, and then sends 1012", async () => {
  await using service = await TestService.start({
    TIDINGS_OUTBOX_BYTES: "1000",
    TIDINGS_DRAIN_SECONDS: "60",
  });
  const readers = await Promise.all(
    Array.from({ length: 20 }, () => EventReader.open(service.port, ALEXANDER)),
  );
  for (const reader of readers) await reader.welcome();
  await service.notify(upTo(1_000).map((data) => ({ ...ALEXANDER, data })));
  await service.stop();
  for (const reader of readers) {
    assertEquals(await reader.data(1_001), upTo(1_000));
    assertEquals(reader.close?.code, 1012);
  }
});

Deno.test("The service stops without a failure while its readers disconnect", async () => {
  for (let round = 0; round < 5; round++) {
    await using service = await TestService.start();
    const readers = await Promise.all(
      Array.from({ length: 50 }, () => EventReader.openUnread(service.port, ALEXANDER)),
    );
    await service.waitForConnections(50);
    const stopping = service.stop();
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    await stopping;
  }
});

Deno.test("The process exits with 0 in time although a reader does not read", async () => {
  await using service = await ServiceProcess.start({ TIDINGS_DRAIN_SECONDS: "1" });
  await using unread = await EventReader.openUnread(service.port, ALEXANDER);
  await unread.welcome();
  await notifyLarge(service, 200);
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
});

Deno.test("The service stops in time although a reader that it has closed does not read", async () => {
  await using service = await TestService.start({ TIDINGS_DRAIN_SECONDS: "2" }, {
    limits: { stalledAfterMs: 50 },
  });
  await using _closed = await EventReader.openUnread(service.port, ALEXANDER);
  await service.waitForConnections(1);
  await notifyLarge(service, 200);
  await service.waitForConnections(0);
  await service.stop();
});

Deno.test("The service sends 4201 when the token expires, and resumes with a fresh one", async () => {
  const secret = "a secret of thirty-two bytes, or so", key = "publisher-key";
  const clock = { now: Date.now() };
  await using service = await TestService.start(
    { TIDINGS_TOKEN_SECRET: secret, TIDINGS_PUBLISHER_KEYS: key },
    { limits: { expiryCheckMs: 10 }, now: () => clock.now },
  );
  function sign(seconds: number): Promise<string> {
    const now = Date.now() / 1000;
    return new SignJWT({ sub: "alexander", iat: now, exp: now + seconds })
      .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
  }
  const reader = await EventReader.open(service.port, { access_token: await sign(60) });
  await reader.welcome();
  clock.now += 120_000;
  assertEquals(await reader.messages(), null);
  assertEquals(reader.close?.code, 4201);
  await service.waitForConnections(0);
  await service.notify({ ...ALEXANDER, data: "meanwhile" }, { authorization: `Bearer ${key}` });
  const headers = { authorization: `Bearer ${await sign(3_600)}`, "last-event-id": reader.lastId ?? "" };
  await using fresh = await EventReader.open(service.port, {}, headers);
  await fresh.welcome();
  assertEquals(await fresh.data(1), ["meanwhile"]);
});
