/** A subscription that a real browser replaces: `/push_worker.js` tells the service. */

import { assertEquals } from "@std/assert";
import { test } from "./chromium.ts";
import { PushBed } from "./push_bed.ts";
import { PushPages } from "./push_page.ts";

/** A subscription that the browser has replaced. `PushManager` is a fake, because subscribing needs the internet. */
const NEW = { endpoint: "https://push.example/new", keys: { p256dh: "new", auth: "new-secret" } };
const RECORD = {
  key: "BKey",
  id: "old-id",
  target: "alexander",
  endpoint: "old",
  auth: "secret",
  postedAt: 1,
};

async function replaceSubscription(bed: PushBed, event: "with it" | "without it"): Promise<void> {
  await bed.inWorker(`{
    const fake = { toJSON: () => (${JSON.stringify(NEW)}) };
    self.subscribedWith = [];
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async (options) => {
      subscribedWith.push(options);
      return fake;
    };
    await call("pushsubscriptionchange", ${event === "with it" ? "{ newSubscription: fake }" : "{}"});
  }`);
}

test("push_worker renews a subscription with the secret of the old one, and tries again", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.saveRecord({ ...RECORD, url: bed.url });
  bed.answers.push(new Response(null, { status: 503 }), Response.json({ id: "new-id" }));
  await replaceSubscription(bed, "with it");
  const body = { old: { endpoint: "old", auth: "secret" }, subscription: NEW };
  assertEquals(bed.renewals, [body, body]);
  const { postedAt, ...record } = await bed.record() ?? {};
  const renewed = { ...RECORD, url: bed.url, id: "new-id", endpoint: NEW.endpoint, auth: "new-secret" };
  assertEquals({ ...record, postedAt: Number(postedAt) > 1 }, { ...renewed, postedAt: true });
});

test("push_worker subscribes again, with the same key, if the browser has only ended the subscription", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.saveRecord({ ...RECORD, url: bed.url });
  bed.answers.push(Response.json({ id: "new-id" }));
  await replaceSubscription(bed, "without it");
  assertEquals(await bed.inWorker("subscribedWith"), [{
    userVisibleOnly: true,
    applicationServerKey: "BKey",
  }]);
  assertEquals((await bed.record())?.["id"], "new-id");
});

test("push_worker leaves to the next page what the service does not know", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await bed.saveRecord({ ...RECORD, url: bed.url });
  bed.answers.push(new Response(null, { status: 404 }));
  await replaceSubscription(bed, "with it");
  assertEquals(bed.renewals.length, 1);
  assertEquals(await bed.record(), { ...RECORD, url: bed.url });
});

test("push_worker does not renew a subscription that is not of Tidings", async () => {
  await using bed = await PushBed.create();
  await bed.openWithWorker();
  await replaceSubscription(bed, "without it");
  assertEquals([bed.renewals, await bed.inWorker("subscribedWith")], [[], []]);
});

test("push_worker renews at the service, where the page can end the new subscription", async () => {
  await using pages = await PushPages.create();
  const { bed } = pages, page = await pages.openEnabled();
  const { endpoint, ...keys } = pages.pushService.subscribe();
  await bed.inWorker(`call("pushsubscriptionchange", {
    newSubscription: { toJSON: () => (${JSON.stringify({ endpoint, expirationTime: null, keys })}) },
  })`);
  const record = await bed.record();
  assertEquals([record?.["endpoint"], record?.["auth"]], [endpoint, keys.auth]);
  assertEquals(await pages.subscriptions(), [1, 0]);
  await page.evaluate("push.disablePush()");
  assertEquals(await pages.subscriptions(), [0, 0]);
});
