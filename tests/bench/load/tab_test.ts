/** Tests of when a tab counts as connected. */

import { assertEquals, assertRejects } from "@std/assert";
import { DeliveryStats } from "./delivery_stats.ts";
import { Tab } from "./tab.ts";

const UPGRADED = new TextEncoder().encode("HTTP/1.1 101 Switching Protocols\r\n\r\n");

function open(port: number, acceptsByFrame: boolean): { opening: Promise<Tab>; stats: DeliveryStats } {
  const stats = new DeliveryStats({ timed: 1 });
  const request = { path: "/", credential: null };
  return { opening: Tab.open({ port, request, acceptsByFrame, stats, bufferBytes: 1_024 }), stats };
}

/** Accepts one connection, and upgrades it. */
async function upgraded(listener: Deno.TcpListener): Promise<Deno.TcpConn> {
  const connection = await listener.accept();
  await connection.read(new Uint8Array(1_024));
  await connection.write(UPGRADED);
  return connection;
}

Deno.test("Tab.open answers a close frame, and rejects if it comes instead of the first text frame", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { opening } = open(listener.addr.port, true);
  const connection = await upgraded(listener);
  await connection.write(Uint8Array.of(0x88, 0)); // a close frame
  const answer = new Uint8Array(6);
  await connection.read(answer);
  assertEquals(answer, Uint8Array.of(0x88, 0x80, 0, 0, 0, 0));
  connection.close();
  await assertRejects(() => opening, Error, "closed the connection after the upgrade");
});

Deno.test("Tab.open waits for the first frame, and counts what is in it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { opening, stats } = open(listener.addr.port, true);
  using connection = await upgraded(listener);
  const text = '{"ts":1790000000000001}';
  await connection.write(Uint8Array.of(0x81, text.length)); // the header of a text frame
  await connection.write(new TextEncoder().encode(text.slice(0, -1)));
  await connection.write(new TextEncoder().encode(text.slice(-1)));
  const tab = await opening;
  assertEquals(stats.delivered, 1);
  tab.close();
});

Deno.test("Tab.open resolves with the upgrade if no frame has to accept the tab", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { opening } = open(listener.addr.port, false);
  using _ = await upgraded(listener);
  (await opening).close();
});
