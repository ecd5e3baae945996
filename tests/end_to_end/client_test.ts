/** Tests of the SDK on the real service, which restarts and refuses while publishers post. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions, type Tidings } from "../../src/client/client.ts";
import { SignJWT } from "jose";
import { RecordedEvents } from "../client/recorded_events.ts";
import { TestService } from "./test_service.ts";

const ALEXANDER = { target: "alexander" };
const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";

interface Client extends AsyncDisposable {
  readonly tidings: Tidings;
  readonly events: RecordedEvents;
  /** The data of all notifications so far. */
  readonly received: () => string[];
}

function openClient(url: string, options: ConnectOptions): Client {
  const tidings = connect(url, options);
  const events = new RecordedEvents(tidings);
  return {
    tidings,
    events,
    received: () => events.all.filter((one) => one.startsWith("got ")).map((one) => one.slice(4)),
    [Symbol.asyncDispose]: () => tidings.close(),
  };
}

Deno.test("Clients receive everything once and in order from a service that restarts repeatedly", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=normal` };
  let service = await TestService.start(environment);
  const port = `${service.port}`;
  const clients = [ALEXANDER, ALEXANDER, { ...ALEXANDER, share: true }, { ...ALEXANDER, share: true }]
    .map((options) => openClient(service.url, options));
  for (const { events } of clients) await events.waitFor("open");
  let next = 0;
  const post = async (count: number) => {
    for (let n = 0; n < count; n++) await service.notify({ ...ALEXANDER, data: next++ });
  };
  for (let restart = 0; restart < 3; restart++) {
    await post(10);
    await service.stop();
    service = await TestService.start({ ...environment, PORT: port });
    await post(10);
    dispatchEvent(new Event("online")); // makes clients that back off reconnect now
    for (const { events } of clients) await events.waitFor(`got ${next - 1}`);
  }
  for (const { received, events, tidings } of clients) {
    assertEquals(received(), Array.from({ length: next }, (_, n) => `${n}`));
    assertEquals(events.all.filter((one) => /missed|error/.test(one)), []);
    await tidings.close();
  }
  await service.stop();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("A client reconnects with a fresh token when its token has expired", async () => {
  await using service = await TestService.start({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: SECRET,
  });
  let seconds = 0.04;
  await using one = openClient(service.url, {
    token() {
      const isOpen = one?.events.all.includes("open");
      // A short one may expire before a busy machine connects.
      const exp = Date.now() / 1000 + (isOpen ? 60 : seconds *= 2);
      return new SignJWT({ sub: "alexander", exp }).setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode(SECRET));
    },
  });
  const { events } = one;
  await events.waitFor("open");
  await events.waitFor("open", 2);
  await service.notify({ ...ALEXANDER, data: 1 }, { authorization: `Bearer ${KEY}` });
  await events.waitFor("got 1");
});

Deno.test("A client that is refused reports what the service said", async () => {
  await using service = await TestService.start({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: SECRET,
  });
  await using one = openClient(service.url, {});
  await one.events.waitFor("error final");
  assertEquals(one.tidings.status.reason, "401 A valid token or key is required: a token is required");
});

Deno.test("A client reports what the service refuses for good, and stays connected", async () => {
  await using service = await TestService.start();
  await using one = openClient(service.url, ALEXANDER);
  await one.events.waitFor("open");
  assertEquals(one.tidings.send(1), true);
  one.tidings.ack("an id cannot have control characters: \u0000");
  await one.events.waitFor("error");
  assertEquals(one.tidings.state, "open");
});
