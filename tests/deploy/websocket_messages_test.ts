/** Tests of the HAProxy filter that limits WebSocket messages. */

import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { OPCODE, RawSocket } from "../end_to_end/raw_socket.ts";
import { Tab } from "../end_to_end/tab.ts";
import { eventually } from "../eventually.ts";
import { PUBLISHER, queryOf, startNode } from "./nodes.ts";
import { HAPROXY } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { FakeWebSocketNode } from "./fake_websocket_node.ts";

const LIMIT = 128 * 1024;
const LARGEST = new Uint8Array(LIMIT).fill(97);

/** Lets a peer misbehave, and verifies that another tab of the same node still receives notifications. */
async function besideAnother(
  bad: (peer: RawSocket) => Promise<void>,
  adapt: (text: string) => string = (text) => text,
): Promise<void> {
  await using node = await startNode();
  await using proxy = await Proxy.start(HAPROXY, [node.port, node.port, node.port], adapt);
  const query = await queryOf("alexander");
  const { tab } = await Tab.open(node.port, query);
  await using innocent = tab;
  using peer = await RawSocket.connect(proxy.port, `/v1/connect?${new URLSearchParams(query)}`);
  assertEquals((await peer.messages())?.length, 1);
  await bad(peer);
  await node.waitForConnections(1);
  await node.notify({ target: "alexander", data: "still here" }, PUBLISHER);
  assertEquals(await innocent.data(1), ["still here"]);
}

/** Sends again and again until the connection has ended. Returns how often it could. */
async function sendUntilEnded(send: () => Promise<void>): Promise<number> {
  let count = 0;
  await eventually(async () => {
    try {
      await send();
    } catch {
      return true; // the proxy has closed or reset the connection
    }
    count++;
    return false;
  }, "the end of the connection");
  return count;
}

HAPROXY.test("HAProxy forwards messages up to its limit, however they are fragmented and split", async () => {
  await using node = new FakeWebSocketNode();
  await using proxy = await Proxy.start(HAPROXY, [node.port, node.port, node.port]);
  const frame = fc.record({ size: fc.nat(LIMIT / 4), fin: fc.boolean(), ping: fc.boolean() });
  const frames = fc.array(frame, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 40_000 }), async (frames, piece) => {
      await node.exchange(proxy.port, frames, piece);
    }),
    { numRuns: 40 },
  );
});

HAPROXY.test("HAProxy ends a connection whose message exceeds the limit in small fragments", async () => {
  await besideAnother(async (peer) => {
    await peer.send(OPCODE.text, "", { fin: false });
    const fragment = LARGEST.subarray(0, LIMIT / 16);
    assertLess(await sendUntilEnded(() => peer.send(OPCODE.continuation, fragment, { fin: false })), 1_000);
    assertEquals(await peer.closeCode(), null);
  });
});

HAPROXY.test("HAProxy ends a connection that announces a frame over the limit", async () => {
  await besideAnother(async (peer) => {
    await peer.send(OPCODE.text, new Uint8Array(LIMIT + 1), { fin: false });
    assertEquals(await peer.closeCode(), null);
  });
});

HAPROXY.test("HAProxy forwards a message over 64 KiB, so that the node closes with 1009", async () => {
  await besideAnother(async (peer) => {
    await peer.send(OPCODE.text, LARGEST);
    assertEquals(await peer.closeCode(), 1009);
  });
});

HAPROXY.test("HAProxy ends a WebSocket that has reached its maximum time", async () => {
  await besideAnother(async (peer) => {
    await sendUntilEnded(() => peer.send(OPCODE.ping, ""));
  }, (text) => text.replace(" 86400", " 0.05"));
});

HAPROXY.test("HAProxy also starts without the filter", async () => {
  await using node = await startNode();
  const program = { ...HAPROXY, environment: {} };
  await using proxy = await Proxy.start(program, [node.port, node.port, node.port]);
  const { tab } = await Tab.open(proxy.port, await queryOf("alexander"));
  await using _tab = tab;
  await node.waitForConnections(1);
});
