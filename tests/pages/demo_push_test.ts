/** Tests of Web Push on the demo page in a real browser, with a push service on loopback. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Locator } from "playwright-core";
import { test } from "../browser/chromium.ts";
import { PushDelivery, subscribeAt } from "../browser/push_delivery.ts";
import { eventually } from "../eventually.ts";
import { PushService } from "../push/push_service.ts";
import { PageFixture } from "./page_fixture.ts";

const ALEXANDERS = ["Alexander’s laptop", "Alexander’s tablet", "Alexander’s desktop"];

interface Shown {
  readonly title: string;
  readonly body: string;
}

class PushDemo implements AsyncDisposable {
  readonly pushService = new PushService();
  readonly fixture: PageFixture;

  private constructor(fixture: PageFixture) {
    this.fixture = fixture;
  }

  static async open(permissions: readonly string[] = ["notifications"]): Promise<PushDemo> {
    const demo = new PushDemo(await PageFixture.open()), context = demo.fixture.page.context();
    await context.grantPermissions([...permissions], { origin: demo.fixture.service.url });
    await subscribeAt(demo.pushService, context);
    await demo.fixture.goTo("/");
    return demo;
  }

  get push(): Locator {
    return this.fixture.page.getByRole("switch", { name: "Push", exact: true });
  }

  async shows(text: string): Promise<void> {
    await this.fixture.page.getByRole("status").filter({ hasText: text }).waitFor();
  }

  async subscriptions(): Promise<number> {
    const response = await fetch(`${this.fixture.service.url}/v1/targets/alexander/push`);
    return (await response.json()).subscriptions;
  }

  /** What the system shows. */
  async shown(): Promise<readonly Shown[]> {
    return await this.fixture.page.evaluate(
      `navigator.serviceWorker.getRegistration("/pages/demo/")
        .then((registration) => registration.getNotifications())
        .then((all) => all.map(({ title, body }) => ({ title, body })))`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture[Symbol.asyncDispose]();
    await this.pushService[Symbol.asyncDispose]();
  }
}

test("The demo page pushes to its browser what none of Alexander's devices has received", async () => {
  await using demo = await PushDemo.open();
  const { fixture, pushService } = demo;
  await demo.push.click();
  await demo.shows("This browser is a device of Alexander’s.");
  await fixture.service.waitForConnections(3, "alexander");
  assertEquals(await demo.subscriptions(), 1);
  for (const name of ALEXANDERS) {
    await fixture.page.getByRole("region", { name, exact: true }).getByRole("switch", { name: "Tab" })
      .click();
  }
  await fixture.service.waitForConnections(0, "alexander");
  await fixture.page.getByLabel("Push if no device has it").check();
  await fixture.press("Send");
  const { payload } = await pushService.pushes.receive();
  await (await PushDelivery.to(fixture.page)).deliver(payload);
  await eventually(async () => (await demo.shown()).length === 1, "the push");
  const expected = { title: "Hello, Alexander Hamilton!", body: "Your obedient servant" };
  assertEquals(await demo.shown(), [expected]);

  await demo.push.click();
  await eventually(async () => await demo.subscriptions() === 0, "that push is off");
  await eventually(async () => (await demo.shown()).length === 0, "that what was pushed is closed");
});

test("The demo page keeps push on when it is opened again", async () => {
  await using demo = await PushDemo.open();
  await demo.push.click();
  await demo.shows("This browser is a device of Alexander’s.");
  await demo.fixture.goTo("/");
  await demo.shows("This browser is a device of Alexander’s.");
  assertEquals([await demo.push.getAttribute("aria-checked"), await demo.subscriptions()], ["true", 1]);
});

test("The demo page says that the browser does not allow push", async () => {
  await using demo = await PushDemo.open([]);
  await demo.push.click();
  await demo.shows("This browser does not allow it.");
  assertEquals([await demo.push.getAttribute("aria-checked"), await demo.subscriptions()], ["false", 0]);
});

test("The demo page shows a push in the curl command, unless it sends to everyone", async () => {
  await using demo = await PushDemo.open();
  const { page } = demo.fixture;
  await page.getByLabel("Push if no device has it").check();
  assertStringIncludes(await page.locator("#curl").innerText(), `"target":"alexander","push":{"after":3}`);
  await page.getByText("Everyone", { exact: true }).click();
  assertEquals((await page.locator("#curl").innerText()).includes("push"), false);
  assertEquals(await page.getByLabel("Push if no device has it").isDisabled(), true);
});
