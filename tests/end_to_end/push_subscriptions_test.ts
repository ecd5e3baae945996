/** Tests of push subscriptions over HTTP, from the browser that subscribes to the publisher that counts. */

import { assertEquals } from "@std/assert";
import { browserSubscription } from "../http/routes/push_app.ts";
import { TestService } from "./test_service.ts";

const FCM = "https://fcm.googleapis.com/fcm/send";

async function post(
  service: TestService,
  path: string,
  body: unknown,
): Promise<{ status: number; id: string }> {
  const request = { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`${service.url}/v1/push/subscriptions${path}`, request);
  const { id } = await response.json();
  return { status: response.status, id };
}

async function count(service: TestService, target: string): Promise<unknown> {
  return await (await fetch(`${service.url}/v1/targets/${target}/push`)).json();
}

async function remove(service: TestService, id: string, target: string): Promise<number> {
  const url = `${service.url}/v1/push/subscriptions/${id}?target=${target}`;
  const response = await fetch(url, { method: "DELETE" });
  await response.body?.cancel();
  return response.status;
}

Deno.test("The service subscribes a browser, renews its subscription and removes it", async () => {
  await using service = await TestService.start();
  const browser = browserSubscription(`${FCM}/1`), next = browserSubscription("https://web.push.apple.com/2");
  const { status, id } = await post(service, "?target=alexander", browser);
  assertEquals([status, await count(service, "alexander")], [
    201,
    { subscriptions: 1, services: { "fcm.googleapis.com": 1 } },
  ]);
  const old = { endpoint: browser.endpoint, auth: browser.keys.auth };
  const renewed = await post(service, "/renew", { old, subscription: next });
  assertEquals([renewed.status, await count(service, "alexander")], [
    200,
    { subscriptions: 1, services: { "web.push.apple.com": 1 } },
  ]);
  assertEquals(await remove(service, id, "alexander"), 404);
  assertEquals(await remove(service, renewed.id, "burr"), 404);
  assertEquals(await remove(service, renewed.id, "alexander"), 204);
  assertEquals(await count(service, "alexander"), { subscriptions: 0, services: {} });
});

Deno.test("The service moves a browser to the user that subscribes it last, and keeps ten of a user", async () => {
  await using service = await TestService.start();
  const browser = browserSubscription(`${FCM}/shared`);
  const [first, second] = [
    await post(service, "?target=alexander", browser),
    await post(service, "?target=burr", browser),
  ];
  assertEquals(first, second);
  assertEquals(await count(service, "alexander"), { subscriptions: 0, services: {} });
  for (let n = 0; n < 12; n++) await post(service, "?target=burr", browserSubscription(`${FCM}/${n}`));
  assertEquals(await count(service, "burr"), { subscriptions: 10, services: { "fcm.googleapis.com": 10 } });
  assertEquals(await remove(service, second.id, "burr"), 404, "the oldest makes room");
});

Deno.test("The service still has subscriptions after a restart, and the same key if it is configured", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const environment = {
      TIDINGS_JOURNAL: `sqlite:${folder}/tidings.db`,
      TIDINGS_VAPID_PRIVATE_KEY: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
      TIDINGS_VAPID_SUBJECT: "mailto:hamilton@treasury.example",
    };
    const keys: unknown[] = [];
    for (const expected of [0, 1]) {
      await using service = await TestService.start(environment);
      keys.push((await (await fetch(`${service.url}/v1/push/key`)).json()).key);
      const services = expected === 0 ? {} : { "fcm.googleapis.com": expected };
      assertEquals(await count(service, "alexander"), { subscriptions: expected, services });
      await post(service, "?target=alexander", browserSubscription(`${FCM}/1`));
    }
    assertEquals(keys[0], keys[1]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
