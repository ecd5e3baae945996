/** The inbox with the real service: over both transports, with shared connections, and where something goes wrong. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SignJWT } from "jose";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { inbox, type TidingsInbox } from "../../src/client/inbox.ts";
import { Network } from "../browser/network.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";

const ALEXANDER = { target: "alexander" };
const SECRET = "a secret of thirty-two bytes, or so", KEY = "publisher-key";

interface Device extends AsyncDisposable {
  readonly inbox: TidingsInbox<number>;
}

/** A page with an inbox, which has loaded. */
async function openDevice(url: string, options: ConnectOptions<number> = ALEXANDER): Promise<Device> {
  const tidings = connect(url, options);
  const opened = inbox(tidings);
  await eventually(() => tidings.state === "open" && opened.state === "ready", "an inbox");
  return {
    inbox: opened,
    async [Symbol.asyncDispose]() {
      opened.close();
      await tidings.close();
    },
  };
}

async function notify(service: TestService, data: readonly number[], options = {}): Promise<void> {
  for (const one of data) await service.notify({ ...ALEXANDER, data: one, ...options });
}

/** The data of what is read and of what is not, newest first, and the number of unread ones. */
function shown({ inbox: { items, unread } }: Device): string {
  const texts = items.map(({ data, read }) => read ? `(${data})` : `${data}`);
  return `${texts.join(" ")}: ${unread}`;
}

async function waitFor(devices: readonly Device[], expected: string): Promise<void> {
  const all = () => devices.map(shown);
  await eventually(() => all().every((one) => one === expected), `"${expected}" on all devices`);
}

/** Until it is disposed of, there are no WebSockets. */
function withoutWebSockets(): Disposable {
  const { WebSocket } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  return { [Symbol.dispose]: () => void (globalThis.WebSocket = WebSocket) };
}

const WAYS: Record<string, { options: ConnectOptions<number>; hasWebSockets: boolean }> = {
  "over WebSockets": { options: ALEXANDER, hasWebSockets: true },
  "over event streams": { options: ALEXANDER, hasWebSockets: false },
  "with a shared WebSocket": { options: { ...ALEXANDER, share: true }, hasWebSockets: true },
  "with a shared event stream": { options: { ...ALEXANDER, share: true }, hasWebSockets: false },
};

for (const [way, { options, hasWebSockets }] of Object.entries(WAYS)) {
  Deno.test(`inbox shows on all devices of a user what was read on one of them, ${way}`, async () => {
    using _ = hasWebSockets ? undefined : withoutWebSockets();
    await using service = await TestService.start();
    await notify(service, [1, 2]);
    await using one = await openDevice(service.url, options);
    await using other = await openDevice(service.url, options);
    await using burr = await openDevice(service.url, { target: "burr" });
    await service.waitForConnections(options.share ? 1 : 2, "alexander");
    const both = [one, other];
    assertEquals(both.map(shown), ["2 1: 2", "2 1: 2"]);

    one.inbox.read(...one.inbox.items.slice(1));
    assertEquals(shown(one), "2 (1): 1", "at once");
    await waitFor(both, "2 (1): 1");
    await notify(service, [3]);
    await service.notify({ everyone: true, data: 4 });
    await waitFor(both, "4 3 2 (1): 3");
    other.inbox.readAll();
    await waitFor(both, "(4) (3) (2) (1): 0");
    one.inbox.markUnread(...one.inbox.items.slice(2, 3));
    await waitFor(both, "(4) (3) 2 (1): 1");

    await waitFor([burr], "4: 1"); // what was sent to everyone is read by each for themselves
    burr.inbox.readAll();
    await waitFor([burr], "(4): 0");
    assertEquals(shown(one), "(4) (3) 2 (1): 1");
    await using late = await openDevice(service.url);
    assertEquals(shown(late), "(4) (3) 2 (1): 1");
  });
}

for (const [way, { options, hasWebSockets }] of Object.entries(WAYS)) {
  Deno.test(`inbox sends all that waits when the page closes it or the connection, ${way}`, async () => {
    using _ = hasWebSockets ? undefined : withoutWebSockets();
    await using service = await TestService.start();
    await notify(service, [1, 2, 3, 4]);
    await using tablet = await openDevice(service.url);
    const tidings = connect<number>(service.url, options);
    const [left, kept] = [inbox(tidings), inbox(tidings)];
    const isReady = () => tidings.state === "open" && left.items.length === 4 && kept.items.length === 4;
    await eventually(isReady, "both inboxes");
    left.read(...left.items.slice(0, 1));
    left.read(...left.items.slice(1, 2)); // waits for the answer
    left.close();
    await waitFor([tablet], "(4) (3) 2 1: 2");
    kept.read(...kept.items.slice(2, 3));
    kept.markUnread(...kept.items.slice(0, 1));
    await tidings.close();
    await waitFor([tablet], "4 (3) (2) 1: 2");
  });
}

for (const share of [false, true]) {
  Deno.test(`inbox sends what was read offline when the network is back, ${share ? "by whichever tab leads" : "in each tab"}`, async () => {
    await using service = await TestService.start();
    await using network = new Network(() => service.port);
    await notify(service, [1, 2, 3]);
    await using tablet = await openDevice(service.url);
    await using laptop = await openDevice(network.url, { ...ALEXANDER, share });
    await using follower = await openDevice(network.url, { ...ALEXANDER, share });
    network.cut();
    await service.waitForConnections(1);
    laptop.inbox.read(...laptop.inbox.items.slice(0, 1));
    follower.inbox.read(...follower.inbox.items.slice(1));
    follower.inbox.markUnread(...follower.inbox.items.slice(2));
    assertEquals([laptop, follower, tablet].map(shown), ["(3) 2 1: 2", "3 (2) 1: 2", "3 2 1: 3"]);
    network.restore();
    await waitFor([tablet, laptop, follower], "(3) (2) 1: 1");
  });
}

for (const [way, { hasWebSockets }] of Object.entries(WAYS).slice(0, 2)) {
  Deno.test(`inbox ignores what is no position, and nothing else that is marked, ${way}`, async () => {
    using _ = hasWebSockets ? undefined : withoutWebSockets();
    await using service = await TestService.start();
    await notify(service, [1, 2]);
    await using laptop = await openDevice(service.url);
    await using tablet = await openDevice(service.url);
    const [newest, ...others] = laptop.inbox.items;
    laptop.inbox.read({ position: newest?.id ?? "" }); // a mistake that pages make
    laptop.inbox.markUnread({ position: "" });
    laptop.inbox.read({ position: "j-1" }, ...others);
    await waitFor([laptop, tablet], "2 (1): 1");
  });
}

Deno.test("inbox leaves unread what arrived after readAll was called, and what the page had not shown", async () => {
  await using service = await TestService.start();
  await using network = new Network(() => service.port);
  await notify(service, [1]);
  await using laptop = await openDevice(network.url);
  network.cut();
  await notify(service, [2]);
  laptop.inbox.readAll();
  assertEquals(shown(laptop), "(1): 0");
  network.restore();
  await waitFor([laptop], "2 (1): 1");
});

Deno.test("inbox counts what is not loaded, loads it, and counts again when it is read elsewhere", async () => {
  await using service = await TestService.start();
  await notify(service, Array.from({ length: 120 }, (_, n) => n));
  await using laptop = await openDevice(service.url);
  await using tablet = await openDevice(service.url);
  const { inbox } = laptop;
  assertEquals([inbox.items.length, inbox.unread, inbox.more], [50, 120, true]);
  await Promise.all([inbox.loadMore(), inbox.loadMore()]); // the second call waits for the first
  assertEquals([inbox.items.length, inbox.unread, inbox.more], [100, 120, true]);
  tablet.inbox.read(...inbox.items.slice(-2));
  await eventually(() => tablet.inbox.unread === 118, "the count of what the tablet has not loaded");
  await eventually(() => inbox.unread === 118, "the count on the laptop");
  await inbox.loadMore();
  assertEquals([inbox.items.length, inbox.unread, inbox.more], [120, 118, false]);
  assertEquals(inbox.items.map(({ data }) => data), Array.from({ length: 120 }, (_, n) => 119 - n));
  await inbox.loadMore();
  tablet.inbox.readAll();
  await eventually(() => inbox.unread === 0, "everything read");
  assertEquals(inbox.items.every(({ read }) => read), true);
});

Deno.test("inbox shows of a topic only the latest, and loads anew when the service has lost its journal", async () => {
  let service = await TestService.start();
  await using network = new Network(() => service.port);
  await notify(service, [1, 2], { topic: "build" });
  await using laptop = await openDevice(network.url);
  assertEquals(shown(laptop), "2: 1");
  await notify(service, [3], { topic: "build" });
  await waitFor([laptop], "3: 1");
  await service.stop();
  service = await TestService.start();
  await notify(service, [4]);
  await waitFor([laptop], "4: 1");
  await service.stop();
});

Deno.test("inbox undoes what the service refuses, and says why", async () => {
  await using service = await TestService.start({ TIDINGS_RETENTION_SECONDS: "0" });
  await using laptop = await openDevice(service.url);
  await notify(service, [1]);
  await waitFor([laptop], "1: 1");
  const refused = Promise.withResolvers<string>();
  laptop.inbox.addEventListener("error", ({ detail: { message } }) => refused.resolve(message));
  laptop.inbox.readAll();
  assertEquals(shown(laptop), "(1): 0");
  assertStringIncludes(await refused.promise, "501");
  assertEquals(shown(laptop), "1: 1");
});

Deno.test("inbox gets another token when the service refuses the first, and asks once for both requests", async () => {
  await using service = await TestService.start({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: SECRET,
    TIDINGS_ALLOWED_ORIGINS: "https://app.example",
  });
  await service.notify({ ...ALEXANDER, data: 1 }, { authorization: `Bearer ${KEY}` });
  const good = await new SignJWT({ sub: "alexander" }).setProtectedHeader({ alg: "HS256" })
    .setIssuedAt().setExpirationTime("1h").sign(new TextEncoder().encode(SECRET));
  let count = 0;
  const token = () => ++count === 1 ? `${good}x` : good;
  await using laptop = await openDevice(service.url, { token });
  assertEquals(shown(laptop), "1: 1");
  assertEquals(count, 2);
});

Deno.test("inbox says why it cannot load, and tries again", async () => {
  await using service = await TestService.start();
  await using network = new Network(() => service.port);
  network.cut();
  await using tidings = connect<number>(network.url, ALEXANDER);
  const opened = inbox(tidings);
  assertEquals([opened.state, opened.reason], ["loading", ""]);
  await eventually(() => opened.state === "failed", "a failure");
  assertEquals(opened.reason === "", false);
  network.restore();
  await eventually(() => opened.state === "ready", "the inbox");
  assertEquals(opened.reason, "");
  opened.close();
});

Deno.test("inbox.loadMore rejects with the reason if the service cannot be reached", async () => {
  await using service = await TestService.start();
  await using network = new Network(() => service.port);
  await notify(service, Array.from({ length: 51 }, (_, n) => n));
  await using laptop = await openDevice(network.url);
  network.cut();
  await assertRejects(() => laptop.inbox.loadMore(), Error);
  network.restore();
  await laptop.inbox.loadMore();
  assertEquals(laptop.inbox.items.length, 51);
});
