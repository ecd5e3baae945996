/** The browser's budget for requests with `keepalive`: whatever is sent at once, nothing of it is lost. */

import { assertEquals } from "@std/assert";
import { test } from "./chromium.ts";
import { TestBed } from "./test_bed.ts";

/** An application that receives messages, and a browser over Server-Sent Events. */
async function setUp() {
  const received: string[] = [];
  let onArrival = () => {};
  const application = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    received.push((await request.json()).data.data);
    onArrival();
    return new Response(null, { status: 204 });
  });
  const bed = await TestBed.create({
    TIDINGS_MESSAGE_WEBHOOK_URL: `http://127.0.0.1:${application.addr.port}/`,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${btoa("a secret of thirty-two bytes, or so")}`,
  });
  bed.network.allowsWebSockets = false;
  const client = await bed.openPage();
  await client.waitFor("open sse");
  return {
    client,
    received,
    async receive(count: number) {
      while (received.length < count) await new Promise<void>((resolve) => onArrival = resolve);
    },
    async [Symbol.asyncDispose]() {
      await bed[Symbol.asyncDispose]();
      await application.shutdown();
    },
  };
}

test("A browser over Server-Sent Events loses no message when large frames of acks and messages leave at once", async () => {
  await using bed = await setUp();
  const { client, received } = bed;
  await client.page.evaluate(`{
    for (let n = 0; n < 900; n++) tidings.ack(String(n).padStart(60, "x"));
    for (const name of ["a", "b", "c"]) tidings.send(name + ":" + "x".repeat(50_000));
  }`);
  await bed.receive(3);
  assertEquals(received.map((data) => data.slice(0, 2)), ["a:", "b:", "c:"]);
  client.assertReceived([]);
});

test("A browser over Server-Sent Events sends its last messages when the page closes the connection", async () => {
  await using bed = await setUp();
  await bed.client.page.evaluate(`tidings.send("bye"); tidings.close()`);
  await bed.receive(1);
  assertEquals(bed.received, ["bye"]);
});
