/** Tests of `POST /v1/received`, with which a browser sends messages beside its event stream. */

import { assertEquals, assertLess } from "@std/assert";
import { eventually } from "../eventually.ts";
import { EventReader } from "./event_reader.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const ALEXANDER = { target: "alexander" };

/** Posts messages for a connection to `/v1/received`, and resolves with the status. */
async function post(
  service: { readonly url: string },
  connection: string,
  messages: unknown,
): Promise<number> {
  const response = await fetch(`${service.url}/v1/received?target=alexander`, {
    method: "POST",
    body: JSON.stringify({ connection, messages }),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("The service accepts posts for the tab's own connection, of either transport, up to the rate limit", async () => {
  await using service = await TestService.start();
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection: events } = await reader.welcome();
  const { tab, welcome: { connection: socket } } = await Tab.open(service.port, ALEXANDER);
  const { welcome: { connection: burrs } } = await Tab.open(service.port, { target: "burr" });
  const ack = [{ type: "ack", ids: ["a"] }];
  /** Posts until the rate limit is reached, and resolves with the status of the refusal. */
  async function exhaust(connection: string): Promise<number> {
    let status = 204;
    while (status === 204) status = await post(service, connection, ack);
    return status;
  }
  for (const connection of [events, socket]) {
    assertEquals(await post(service, connection, ack), 204);
    assertEquals(await exhaust(connection), 429);
  }
  for (const connection of [burrs, "nobody"]) assertEquals(await post(service, connection, ack), 404);
  let isClosed = false;
  for (let frames = 0; !isClosed; frames++) {
    assertLess(frames, 50, "both ways share one rate limit");
    assertEquals(await exhaust(socket), 429);
    tab.send("no JSON"); // the service answers it if the limit allows one more by now
    isClosed = await tab.next().then(() => false, () => true);
  }
  assertEquals((await tab.closed).code, 4101);
  await service.waitForConnections(2);
  assertEquals(await post(service, socket, ack), 404);
});

Deno.test("The service accepts what a page posts while its event stream ends", async () => {
  await using service = await TestService.start();
  const reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  await service.notify({ ...ALEXANDER, id: "hello", data: 1 });
  await reader.data(1);
  await reader[Symbol.asyncDispose]();
  await service.waitForConnections(0);
  assertEquals(await post(service, connection, [{ type: "ack", ids: ["hello"] }]), 204);
  await eventually(async () => {
    const report = await (await fetch(`${service.url}/v1/notifications/hello`)).json();
    return report.acked === 1;
  }, "the ack");
});

Deno.test("The service accepts nothing of a post that does not fit into the channel", async () => {
  await using service = await TestService.start({}, { limits: { received: 1 } });
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  const message = { type: "message", data: 1 };
  assertEquals(await post(service, connection, [message, message]), 503);
  assertEquals(await post(service, connection, [message]), 204);
});

Deno.test("The service reports an ack that a tab posts, and logs a message", async () => {
  await using service = await ServiceProcess.start();
  await using reader = await EventReader.open(service.port, ALEXANDER);
  const { connection } = await reader.welcome();
  await service.notify({ ...ALEXANDER, id: "hello", data: 1 });
  await reader.data(1);
  const report = async () => await (await fetch(`${service.url}/v1/notifications/hello`)).json();
  assertEquals((await report()).acked, 0);
  const messages = [{ type: "ack", ids: ["hello"] }, { type: "message", data: "thanks" }];
  assertEquals(await post(service, connection, messages), 204);
  await eventually(async () => (await report()).acked === 1, "a report of the ack");
  await eventually(() => /received .*alexander/.test(service.output), "a log record of the message");
});
