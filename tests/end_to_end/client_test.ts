/** The SDK on the real service, which is restarted and refuses, while backends post. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions, type Tidings } from "../../src/client/client.ts";
import { SignJWT } from "jose";
import { RecordedEvents } from "../client/recorded_events.ts";
import { Running } from "./running.ts";

const ALEXANDER = { target: "alexander" };
const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";

interface Client extends AsyncDisposable {
  readonly tidings: Tidings;
  readonly happenings: RecordedEvents;
  readonly got: () => string[];
}

function client(url: string, options: ConnectOptions): Client {
  const tidings = connect(url, options);
  const happenings = new RecordedEvents(tidings);
  return {
    tidings,
    happenings,
    got: () => happenings.all.filter((one) => one.startsWith("got ")).map((one) => one.slice(4)),
    [Symbol.asyncDispose]: () => tidings.close(),
  };
}

Deno.test("Clients get everything once and in order from a service that is restarted again and again", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=normal` };
  let service = await Running.started(environment);
  const port = `${service.port}`;
  const clients = [ALEXANDER, ALEXANDER, { ...ALEXANDER, share: true }, { ...ALEXANDER, share: true }]
    .map((options) => client(service.url, options));
  for (const { happenings } of clients) await happenings.waitFor("open");
  let next = 0;
  const post = async (count: number) => {
    for (let n = 0; n < count; n++) await service.notify({ ...ALEXANDER, data: next++ });
  };
  for (let restart = 0; restart < 3; restart++) {
    await post(10);
    await service.stop();
    service = await Running.started({ ...environment, PORT: port });
    await post(10);
    dispatchEvent(new Event("online")); // who waits comes back now
    for (const { happenings } of clients) await happenings.waitFor(`got ${next - 1}`);
  }
  for (const { got, happenings, tidings } of clients) {
    assertEquals(got(), Array.from({ length: next }, (_, n) => `${n}`));
    assertEquals(happenings.all.filter((one) => /missed|error/.test(one)), []);
    await tidings.close();
  }
  await service.stop();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("A client goes on with a fresh token when its token has expired", async () => {
  await using service = await Running.started({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: SECRET,
  });
  let seconds = 0.04;
  await using one = client(service.url, {
    token() {
      const isOpen = one?.happenings.all.includes("open");
      const exp = Date.now() / 1000 + (isOpen ? 60 : seconds *= 2); // a busy machine may be too late for a short one
      return new SignJWT({ sub: "alexander", exp }).setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode(SECRET));
    },
  });
  const { happenings } = one;
  await happenings.waitFor("open");
  await happenings.waitFor("open", 2);
  await service.notify({ ...ALEXANDER, data: 1 }, { authorization: `Bearer ${KEY}` });
  await happenings.waitFor("got 1");
});

Deno.test("A client that may not connect is told what the service said", async () => {
  await using service = await Running.started({ TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET });
  await using one = client(service.url, {});
  await one.happenings.waitFor("error final");
  assertEquals(one.tidings.status.reason, "401 A valid token or key is required: a token is required");
});

Deno.test("A client sends what its page says to the application, and is told what is refused", async () => {
  await using service = await Running.started({}, { received: 1 });
  await using one = client(service.url, ALEXANDER);
  await one.happenings.waitFor("open");
  assertEquals([one.tidings.send(1), one.tidings.send(2)], [true, true]);
  await one.happenings.waitFor("error"); // there is room for one of the two
  assertEquals(one.tidings.state, "open");
});
