/** The SDK in a real browser, on the real service, over a network that fails. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SignJWT } from "jose";
import { TestService } from "../end_to_end/test_service.ts";
import { test } from "./chromium.ts";
import type { ClientPage } from "./client_page.ts";
import { ALEXANDER, TestBed } from "./test_bed.ts";

const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET };
const AUTHORIZATION = { authorization: `Bearer ${KEY}` };

for (const transport of ["websocket", "sse"]) {
  test(`A browser over ${transport} receives the 100 notifications that were sent while its network was cut, each once`, async () => {
    await using bed = await TestBed.create();
    bed.network.allowsWebSockets = transport === "websocket";
    const client = await bed.openPage();
    await client.waitFor(`open ${transport}`);
    const before = await bed.post(3);
    await client.waitFor("got 2");
    await bed.context.setOffline(true);
    bed.network.cut();
    await client.waitFor("waiting");
    await bed.service.waitForConnections(0);
    const meanwhile = await bed.post(100);
    bed.network.restore();
    await bed.context.setOffline(false);
    await client.waitFor("got 102");
    const after = await bed.post(1);
    await client.waitFor("got 103");
    client.assertReceived([...before, ...meanwhile, ...after]);
  });
}

test("A browser reconnects to a server that was restarted, and misses nothing", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=normal` };
  await using bed = await TestBed.create(environment);
  const client = await bed.openPage();
  await client.waitFor("open websocket");
  const before = await bed.post(2);
  await client.waitFor("got 1");
  await bed.service.stop();
  await client.waitFor("waiting");
  bed.service = await TestService.start(environment);
  const meanwhile = await bed.post(2);
  await client.waitFor("got 3");
  client.assertReceived([...before, ...meanwhile]);
  await bed.service.stop();
  await Deno.remove(folder, { recursive: true });
});

test("A browser that reconnects to a server without its journal receives a missed event", async () => {
  await using bed = await TestBed.create();
  const client = await bed.openPage();
  await client.waitFor("open websocket");
  await bed.service.stop();
  bed.service = await TestService.start();
  await bed.post(1);
  await client.waitFor("missed expired");
  await client.waitFor("got 0");
});

for (const transport of ["websocket", "sse"]) {
  test(`A browser over ${transport} gets a fresh token when its token has expired, and resumes`, async () => {
    await using bed = await TestBed.create(SECRETS);
    bed.network.allowsWebSockets = transport === "websocket";
    let seconds = 0.1, calls = 0;
    const client: ClientPage = await bed.openPage({
      async token() {
        const isOpen = calls++ > 0 && client.events.some((one) => one.startsWith("open"));
        const now = Date.now() / 1000;
        const exp = now + (isOpen ? 60 : seconds *= 2); // a busy machine may be too late for a short one
        return await new SignJWT({ sub: "alexander", iat: now, exp }).setProtectedHeader({ alg: "HS256" })
          .sign(new TextEncoder().encode(SECRET));
      },
    });
    await client.waitFor(`open ${transport}`);
    await client.waitFor("waiting");
    const meanwhile = await bed.post(3, AUTHORIZATION);
    await client.waitFor("got 2");
    client.assertReceived(meanwhile);
    assertEquals(await client.page.evaluate("tidings.status.transport"), transport);
  });
}

test("A browser that is refused for good receives a final error", async () => {
  await using bed = await TestBed.create();
  const client = await bed.openPage({ target: ".." });
  await client.waitFor("error final");
  assertEquals(client.events, ["closed", "error final"]);
});

test("A page of an allowed origin loads the SDK, receives notifications, and reads Retry-After", async () => {
  await using bed = await TestBed.create();
  const { url } = bed.network;
  await using allowing = await TestService.start({
    TIDINGS_ALLOWED_ORIGINS: url,
    TIDINGS_MAX_CONNECTIONS_PER_TARGET: "1",
  });
  const client = await bed.openPage({ ...ALEXANDER, service: allowing.url });
  await client.waitFor("open websocket");
  await allowing.notify({ ...ALEXANDER, data: 1 });
  await client.waitFor("got 1");
  client.assertReceived([1]);
  const other = await bed.openPage({ ...ALEXANDER, service: allowing.url });
  await other.waitFor("waiting");
  const { reason, retryInMs } = await other.page.evaluate<{ reason: string; retryInMs: number }>(
    "tidings.status",
  );
  assertMatch(reason, /^429 /);
  assert(retryInMs >= 5_000, `${retryInMs}`);
});

test("A browser that the backend disconnects receives a final error", async () => {
  await using bed = await TestBed.create();
  const client = await bed.openPage();
  await client.waitFor("open websocket");
  await fetch(`${bed.service.url}/v1/targets/alexander/connections`, { method: "DELETE" })
    .then((response) => response.body?.cancel());
  await client.waitFor("error final");
  assertEquals(client.errors, []);
});

test("A browser whose token is a cookie receives notifications over either transport", async () => {
  for (const transport of ["websocket", "sse"]) {
    await using bed = await TestBed.create(SECRETS);
    bed.network.allowsWebSockets = transport === "websocket";
    const value = await new SignJWT({ sub: "alexander" }).setProtectedHeader({ alg: "HS256" })
      .setIssuedAt().setExpirationTime("1h").sign(new TextEncoder().encode(SECRET));
    await bed.context.addCookies([{
      name: "tidings_token",
      value,
      url: bed.network.url,
      httpOnly: true,
    }]);
    const client = await bed.openPage({});
    await client.waitFor(`open ${transport}`);
    const all = await bed.post(1, AUTHORIZATION);
    await client.waitFor("got 0");
    client.assertReceived(all);
  }
});
