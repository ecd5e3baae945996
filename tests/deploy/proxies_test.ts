/** The proxies that are shipped: tabs are spread evenly, nothing is held back, and who is not ready is left alone. */

import { assert, assertEquals } from "@std/assert";
import { EventReader } from "../end_to_end/event_reader.ts";
import { RawSocket } from "../end_to_end/raw_socket.ts";
import { soon, TestService } from "../end_to_end/test_service.ts";
import { Tab } from "../end_to_end/tab.ts";
import { freePort } from "../nats/nats_server.ts";
import { PROGRAMS, Proxy } from "./proxy.ts";
import { StandIn } from "./stand_in.ts";

const ALEXANDER = { target: "alexander" };
const NOTIFICATION = JSON.stringify({ ...ALEXANDER, data: "Hello" });

/** Three nodes with a journal each: what one is given, the others don't have. */
async function threeNodes(
  environment: Record<string, string> = {},
): Promise<readonly [TestService, TestService, TestService] & AsyncDisposable> {
  const started = () => TestService.start(environment);
  const nodes = [await started(), await started(), await started()] as const;
  const dispose = async () => void await Promise.all(nodes.map((node) => node.stop()));
  return Object.assign(nodes, { [Symbol.asyncDispose]: dispose });
}

/** Does something with tabs that were opened one after the other. */
async function withTabs(port: number, count: number, act: () => Promise<void>): Promise<void> {
  const tabs: Tab[] = [];
  try {
    while (tabs.length < count) tabs.push((await Tab.open(port, ALEXANDER)).tab);
    await act();
  } finally {
    await Promise.all(tabs.map((tab) => tab.close()));
  }
}

/** Has a node stop, which takes it until the peer that does not read goes away. */
async function keptFromStopping(node: TestService): Promise<Disposable> {
  const peer = await stuckPeer(node.port, "/v1/connect");
  for (let n = 0; n < 300; n++) await node.notify({ target: "burr", data: "x".repeat(60_000) });
  void node.stop();
  while (await statusOf(`${node.url}/readyz`) !== 503) await soon();
  return peer;
}

/** A tab of Burr's that was welcome, and then reads no more. */
async function stuckPeer(port: number, path: string): Promise<Disposable> {
  if (path === "/v1/connect") {
    const peer = await RawSocket.connect(port, `${path}?target=burr`);
    await peer.messages();
    return peer;
  }
  const events = await EventReader.openUnread(port, { target: "burr" });
  await events.welcome();
  return { [Symbol.dispose]: () => void events[Symbol.asyncDispose]() };
}

function post(port: number, body: BodyInit): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/notify`, { method: "POST", body });
}

async function statusOf(asked: string | Promise<Response>): Promise<number> {
  const response = await (typeof asked === "string" ? fetch(asked) : asked);
  await response.body?.cancel();
  return response.status;
}

function accepting(): StandIn {
  return new StandIn(() => new Response(null, { status: 202 }));
}

function refusing(): StandIn {
  return new StandIn(() => new Response("{}", { status: 503, headers: { "retry-after": "7" } }));
}

for (const program of PROGRAMS) {
  const { name, asks, hurry, test } = program;

  test(`${name} gives each of three nodes ten of 30 WebSockets`, async () => {
    await using nodes = await threeNodes();
    await using proxy = await Proxy.started(program, nodes.map(({ port }) => port));
    await withTabs(proxy.port, 30, async () => {
      for (const node of nodes) await node.waitForConnections(10);
    });
    for (const node of nodes) await node.waitForConnections(0);
  });

  test(`${name} passes on each event as it comes`, async () => {
    await using nodes = await threeNodes();
    await using proxy = await Proxy.started(program, nodes.map(({ port }) => port));
    await using events = await EventReader.open(proxy.port, ALEXANDER);
    await events.welcome();
    for (const data of [1, 2, 3]) {
      for (const node of nodes) await node.notify({ target: "alexander", data });
      assertEquals(await events.data(1), [data]);
    }
  });

  test(`${name} gives a node no tab that stops, from the moment it does`, async () => {
    await using nodes = await threeNodes({ TIDINGS_DRAIN_SECONDS: "60" });
    const [first, second, stopping] = nodes;
    await using proxy = await Proxy.started(program, nodes.map(({ port }) => port));
    using _peer = await keptFromStopping(stopping);
    await withTabs(proxy.port, 6, async () => {
      await first.waitForConnections(3);
      await second.waitForConnections(3);
    });
  });

  if (asks) {
    test(`${name} asks each node whether it is ready, and gives it no tab if it is not`, async () => {
      await using first = accepting();
      await using second = accepting();
      await using notReady = new StandIn(() => new Response(null, { status: 202 }), { ready: false });
      await using proxy = await Proxy.started(program, [first.port, second.port, notReady.port]);
      while (notReady.checks < 5) await soon();
      for (let n = 0; n < 10; n++) assertEquals(await statusOf(`${proxy.url}/v1/events`), 202);
      assertEquals([notReady.asked.length, first.asked.length + second.asked.length], [0, 10]);
    });
  }

  if (hurry !== null) {
    for (const path of ["/v1/connect", "/v1/events"]) {
      test(`${name} frees the place of a tab that does not read, at ${path}`, async () => {
        await using node = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "1" }, {
          limits: { stalledAfterMs: 20 },
        });
        await using proxy = await Proxy.started(program, [node.port, node.port, node.port], hurry);
        using _peer = await stuckPeer(proxy.port, path);
        for (let n = 0; n < 300; n++) await node.notify({ target: "burr", data: "x".repeat(60_000) });
        await node.waitForConnections(0);
        while (await statusOf(`${node.url}/v1/connect?target=burr`) === 503) await soon();
      });
    }
  }

  test(`${name} takes a notification to a node, also if others cannot be reached`, async () => {
    await using node = await TestService.start();
    await using proxy = await Proxy.started(program, [freePort(), node.port, freePort()]);
    for (let n = 0; n < 5; n++) assertEquals(await statusOf(post(proxy.port, NOTIFICATION)), 202);
  });

  test(`${name} repeats no notification that was refused, and says when it may come again`, async () => {
    await using first = refusing();
    await using second = refusing();
    await using third = refusing();
    await using proxy = await Proxy.started(program, [first.port, second.port, third.port]);
    const response = await post(proxy.port, NOTIFICATION);
    assertEquals([response.status, response.headers.get("retry-after"), await response.text()], [
      503,
      "7",
      "{}",
    ]);
    assertEquals([first, second, third].flatMap(({ asked }) => asked).length, 1);
  });

  test(`${name} asks the next node if one refuses a tab, and refuses it if all do`, async () => {
    await using first = refusing();
    await using second = refusing();
    await using third = accepting();
    await using proxy = await Proxy.started(program, [first.port, second.port, third.port]);
    for (let n = 0; n < 5; n++) assertEquals(await statusOf(`${proxy.url}/v1/connect`), 202);
    await using full = await Proxy.started(program, [first.port, second.port, first.port]);
    const response = await fetch(`${full.url}/v1/connect`);
    await response.body?.cancel();
    assertEquals(response.status, 503);
    assert(Number(response.headers.get("retry-after")) > 0);
  });

  test(`${name} lets nothing through that is larger than a notification may be`, async () => {
    await using node = await TestService.start();
    await using proxy = await Proxy.started(program, [node.port, node.port, node.port]);
    const answer = await post(proxy.port, new Uint8Array(1024 * 1024 + 1).fill(32));
    assertEquals(answer.status, 413);
    assertEquals((await answer.json()).type, "urn:tidings:problem:too-large");
    assertEquals(await statusOf(post(proxy.port, new Uint8Array(1024 * 1024).fill(32))), 400); // it is not JSON
  });

  test(`${name} tells a node which host was asked and by whom, and believes nobody else`, async () => {
    await using node = accepting();
    await using proxy = await Proxy.started(program, [node.port, node.port, node.port]);
    const headers = {
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-host": "evil",
      "x-forwarded-proto": "gopher",
    };
    await statusOf(fetch(`${proxy.url}/v1/notify`, { method: "POST", headers, body: NOTIFICATION }));
    const told = ["host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"].map((header) =>
      node.asked[0]?.headers.get(header)
    );
    const host = `127.0.0.1:${proxy.port}`;
    assertEquals(told, [host, "127.0.0.1", host, "http"]);
  });
}
