/** Tests of the demo page in a real browser, on the real service. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Locator } from "playwright-core";
import { test } from "../browser/chromium.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";
import { assertProblem } from "../http/assert_problem.ts";
import { PageFixture, type Variant, VARIANTS } from "./page_fixture.ts";

const ALEXANDERS = ["Alexander’s laptop", "Alexander’s tablet", "Alexander’s desktop"];
const ALL = [...ALEXANDERS, "Burr’s laptop"];
const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };

/** Resolves when this number of Alexander's connections is behind. */
async function waitUntilBehind(count: number, { service }: PageFixture): Promise<void> {
  await eventually(async () => {
    const response = await fetch(`${service.url}/v1/targets/alexander`);
    const { connections }: { connections: { behind: boolean }[] } = await response.json();
    return connections.filter(({ behind }) => behind).length === count;
  }, `${count} connections behind`);
}

/** The demo page, and the actions of a user on it. */
class DemoPage {
  constructor(readonly fixture: PageFixture) {}

  /** Opens the page, and waits until all devices show the state. */
  async open(state = "Open"): Promise<void> {
    await this.fixture.goTo("/");
    for (const name of ALL) await this.shows(name, state);
  }

  device(name: string): Locator {
    return this.fixture.page.getByRole("region", { name, exact: true });
  }

  async shows(name: string, text: string): Promise<void> {
    await this.device(name).getByRole("status").filter({ hasText: text }).waitFor();
  }

  /** Resolves when the newest notification on the device has this text. */
  async receives(name: string, text: string): Promise<void> {
    await this.device(name).getByRole("listitem").first().filter({ hasText: text }).waitFor();
  }

  /** Resolves when the bell of the device has this number of unread notifications. */
  async hasUnread(name: string, count: number): Promise<void> {
    const bell = count === 0 ? "Notifications" : `Notifications, ${count} unread`;
    await this.device(name).getByRole("button", { name: bell, exact: true }).waitFor();
  }

  /** Reads the titles of the notifications on the device, newest first. */
  async titles(name: string): Promise<string[]> {
    return await this.device(name).locator("strong").allTextContents();
  }

  async toggle(name: string, which: "Network" | "Stall" | "Tab"): Promise<void> {
    await this.device(name).getByRole("switch", { name: which }).click();
  }

  async send(to: string, { title, body = "" }: { title: string; body?: string }): Promise<void> {
    const { page } = this.fixture;
    await page.getByText(to, { exact: true }).click();
    await page.getByLabel("Title").fill(title);
    await page.getByLabel("Body").fill(body);
    await this.fixture.press("Send");
  }
}

test("The demo page shows a notification for Alexander on his three devices and not on Burr's", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  await demo.send("Alexander", { title: "Hello, Alexander Hamilton!" });
  for (const name of ALEXANDERS) await demo.receives(name, "Hello, Alexander Hamilton!");
  await demo.send("Burr", { title: "Good day, Mr. Burr." });
  await demo.receives("Burr’s laptop", "Good day, Mr. Burr.");
  assertEquals(await demo.titles("Burr’s laptop"), ["Good day, Mr. Burr."]);
  for (const name of ALEXANDERS) assertEquals(await demo.titles(name), ["Hello, Alexander Hamilton!"]);
});

test("The demo page sends to both and to everyone, and shows the latency of each device", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  for (const to of ["Both", "Everyone"]) {
    await demo.send(to, { title: `To ${to}`, body: "It's in the hall." });
    for (const name of ALL) await demo.receives(name, `To ${to}It's in the hall.`);
    const arrivals = fixture.page.getByRole("list", { name: "Latency by device" }).getByRole("listitem");
    const texts = await arrivals.allTextContents();
    assertEquals(texts.map((text) => text.split(":")[0]), ALL);
    for (const text of texts) assertMatch(text, /: [\d.]+ m?s$/);
    await fixture.page.getByText(/^202 Accepted, at position \w{8}-\w{11}$/).waitFor();
  }
});

test("The demo page shows what it sends as a curl command that a shell reads unchanged", async () => {
  await using fixture = await PageFixture.open();
  await new DemoPage(fixture).open();
  const title = `It's $HOME, "quoted" \\ and all`;
  await fixture.page.getByLabel("Title").fill(title);
  await fixture.page.getByLabel("Body").fill("");
  const line = await fixture.page.locator("#curl").innerText();
  const script = line.replace(/^curl /, "printf '%s\\n' ");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  const [option, json = "", url] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals([option, url], ["-d", `${fixture.service.url}/v1/notify`]);
  assertEquals(JSON.parse(json), { target: "alexander", data: { title } });
});

test("A device whose network was cut receives what it missed, once and in order, and marks it as late", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  await demo.send("Alexander", { title: "zero" });
  for (const name of ALEXANDERS) await demo.receives(name, "zero");
  await demo.toggle("Alexander’s tablet", "Network");
  await demo.shows("Alexander’s tablet", "Waiting");
  await fixture.service.waitForConnections(2, "alexander");
  for (const title of ["one", "two"]) {
    await demo.send("Alexander", { title });
    for (const name of ["Alexander’s laptop", "Alexander’s desktop"]) await demo.receives(name, title);
  }
  assertEquals(await demo.titles("Alexander’s tablet"), ["zero"]);

  await demo.toggle("Alexander’s tablet", "Network");
  await demo.receives("Alexander’s tablet", "two");
  await demo.send("Alexander", { title: "three" });
  for (const name of ALEXANDERS) {
    await demo.receives(name, "three");
    assertEquals(await demo.titles(name), ["three", "two", "one", "zero"]);
  }
  const late = demo.device("Alexander’s tablet").getByRole("listitem").filter({
    hasText: "replayed after",
  });
  assertEquals(await late.locator("strong").allTextContents(), ["two", "one"]);
});

test("What is read on one device is read on all of the user's, also after a cut network, and on nobody else's", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  await demo.send("Everyone", { title: "one" });
  for (const name of ALL) await demo.hasUnread(name, 1);
  await demo.toggle("Alexander’s tablet", "Network");
  await demo.shows("Alexander’s tablet", "Waiting");
  await demo.send("Alexander", { title: "two" });
  await demo.hasUnread("Alexander’s laptop", 2);
  await demo.device("Alexander’s laptop").getByRole("button", { name: /^Notifications/ }).click();
  await fixture.press("Mark all as read");
  for (const name of ["Alexander’s laptop", "Alexander’s desktop"]) await demo.hasUnread(name, 0);
  await demo.hasUnread("Alexander’s tablet", 1);
  await demo.toggle("Alexander’s tablet", "Network");
  await demo.receives("Alexander’s tablet", "two");
  await demo.hasUnread("Alexander’s tablet", 0);
  await demo.hasUnread("Burr’s laptop", 1);
});

test("What is read on a device without network is read on the others when it is back", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  await demo.send("Alexander", { title: "one" });
  for (const name of ALEXANDERS) await demo.hasUnread(name, 1);
  await demo.toggle("Alexander’s tablet", "Network");
  await demo.shows("Alexander’s tablet", "Waiting");
  await demo.device("Alexander’s tablet").getByRole("button", { name: /^Notifications/ }).click();
  await fixture.press("Mark all as read");
  await demo.hasUnread("Alexander’s tablet", 0);
  await demo.hasUnread("Alexander’s laptop", 1);
  await demo.toggle("Alexander’s tablet", "Network");
  for (const name of ALEXANDERS) await demo.hasUnread(name, 0);
});

test("A stalled device falls behind on the server, and receives everything when it resumes", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  await demo.toggle("Alexander’s desktop", "Stall");
  await fixture.press("Send 10 MB");
  await fixture.page.getByText("300 of 300 accepted").waitFor();
  await demo.receives("Alexander’s laptop", "Large notification 300 of 300");
  await waitUntilBehind(1, fixture);
  assertEquals(await demo.titles("Alexander’s desktop"), []);

  await demo.toggle("Alexander’s desktop", "Stall");
  await demo.receives("Alexander’s desktop", "Large notification 300 of 300replayed after");
  await waitUntilBehind(0, fixture);
  const titles = await demo.titles("Alexander’s desktop");
  assertEquals(titles, Array.from({ length: 50 }, (_, n) => `Large notification ${300 - n} of 300`));
});

test("A device whose tab is closed has no connection, and receives what it missed when it is opened again", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  await demo.send("Alexander", { title: "zero" });
  for (const name of ALEXANDERS) await demo.receives(name, "zero");
  await demo.toggle("Alexander’s tablet", "Network");
  await demo.toggle("Alexander’s tablet", "Tab");
  await demo.shows("Alexander’s tablet", "Closed");
  await demo.toggle("Alexander’s desktop", "Stall");
  await demo.toggle("Alexander’s desktop", "Tab");
  await fixture.service.waitForConnections(1, "alexander");
  await demo.send("Alexander", { title: "one" });
  await demo.receives("Alexander’s laptop", "one");
  for (const name of ["Alexander’s tablet", "Alexander’s desktop"]) {
    for (const which of ["Network", "Stall"]) {
      assert(await demo.device(name).getByRole("switch", { name: which }).isDisabled(), which);
    }
    await demo.toggle(name, "Tab");
    await demo.receives(name, "onereplayed after");
    assertEquals(await demo.titles(name), ["one", "zero"]);
    await demo.hasUnread(name, 2);
  }
});

test("The demo page shows the server's state of each device while the page is visible", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await fixture.page.clock.install();
  await demo.open();
  await demo.toggle("Alexander’s tablet", "Network");
  await fixture.service.waitForConnections(2, "alexander");
  await fixture.page.clock.fastForward(1_000);
  await demo.device("Alexander’s tablet").getByText("On the server: not connected").waitFor();
  await demo.device("Alexander’s laptop").getByText("On the server: live").waitFor();
});

test("A device does not reconnect when the backend closes its connection", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  const { url } = fixture.service;
  const response = await fetch(`${url}/v1/targets/burr/connections`, { method: "DELETE" });
  assertEquals(await response.json(), { closed: 1 });
  await demo.shows("Burr’s laptop", "Closed 4003: the backend has closed this connection");
});

test("A device shows HTML as text, and data without a title as JSON", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  const html = `<img src="x" onerror="document.title = 'taken over'"><b>bold</b>`;
  await demo.send("Burr", { title: html, body: html });
  await demo.receives("Burr’s laptop", "bold");
  assertEquals(await demo.titles("Burr’s laptop"), [html]);
  assertEquals(await demo.device("Burr’s laptop").locator("li p").allTextContents(), [html]);

  const json = `{"title":1,"n":12345678901234567890,"html":"<b>bold</b>"}`;
  const body = `{"target":"burr","data":${json}}`;
  const posted = await fetch(`${fixture.service.url}/v1/notify`, { method: "POST", body });
  assertEquals(posted.status, 202, await posted.text());
  await demo.receives("Burr’s laptop", json);
  assertEquals(await demo.device("Burr’s laptop").locator("img, b").count(), 0);
  assertEquals(await fixture.page.title(), "Tidings");
});

test("The demo page asks for a publisher key where one is needed, refuses a wrong one, and keeps the key in its tab", async () => {
  await using fixture = await PageFixture.open({ ...SECRETS, TIDINGS_DEMO: "on" });
  const demo = new DemoPage(fixture);
  await demo.open("Waiting for a publisher key");
  await fixture.assertAccessible("demo-key");
  for (const which of ["Network", "Stall", "Tab"]) {
    assert(await demo.device("Burr’s laptop").getByRole("switch", { name: which }).isDisabled(), which);
  }
  await fixture.assertWrongKeyIsRefused();
  await fixture.enterKey(KEY);
  for (const name of ALL) await demo.shows(name, "Open");
  await demo.send("Alexander", { title: "Hello, Alexander Hamilton!" });
  for (const name of ALEXANDERS) await demo.receives(name, "Hello, Alexander Hamilton!");
  assertStringIncludes(await fixture.page.locator("#curl").innerText(), '-H "Authorization: Bearer $KEY"');
  assertEquals((await fixture.page.content()).includes(KEY), false);

  await demo.open();
});

test("The demo page works without a mouse", async () => {
  await using fixture = await PageFixture.open();
  const demo = new DemoPage(fixture);
  await demo.open();
  const { keyboard } = fixture.page;
  await fixture.page.getByLabel("Alexander", { exact: true }).focus();
  await keyboard.press("ArrowRight");
  await keyboard.press("Tab");
  await keyboard.press("Control+A");
  await keyboard.type("Good day, Mr. Burr.");
  await keyboard.press("Enter");
  await demo.receives("Burr’s laptop", "Good day, Mr. Burr.");
  await demo.device("Burr’s laptop").getByRole("switch", { name: "Network" }).focus();
  await keyboard.press("Space");
  await demo.shows("Burr’s laptop", "Waiting");
});

for (const variant of Object.keys(VARIANTS) as Variant[]) {
  test(`axe finds nothing against the demo page (${variant})`, async () => {
    await using fixture = await PageFixture.open({}, { variant });
    const demo = new DemoPage(fixture);
    await demo.open();
    await demo.send("Alexander", { title: "Hello, Alexander Hamilton!", body: "Your obedient servant" });
    for (const name of ALEXANDERS) await demo.receives(name, "Hello, Alexander Hamilton!");
    await demo.toggle("Alexander’s tablet", "Network");
    await demo.send("Everyone", { title: "The vote is at noon", body: "It's in the hall." });
    await demo.receives("Burr’s laptop", "The vote is at noon");
    await demo.toggle("Alexander’s tablet", "Network");
    await demo.receives("Alexander’s tablet", "The vote is at noon");
    await demo.toggle("Alexander’s desktop", "Stall");
    await demo.device("Alexander’s laptop").getByRole("button", { name: /^Notifications/ }).click();
    await fixture.assertAccessible(`demo-${variant}`);
    const { scroll, client } = await fixture.page.evaluate<{ scroll: number; client: number }>(
      "({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth })",
    );
    assertEquals(scroll, client, "the page is no wider than the window");
  });
}

Deno.test("The demo page is off where secrets are set, unless TIDINGS_DEMO turns it on", async () => {
  for (const [environment, status] of [[SECRETS, 404], [{ ...SECRETS, TIDINGS_DEMO: "on" }, 200]] as const) {
    await using service = await TestService.start(environment);
    for (const path of ["/", "/pages/demo/demo.js"]) {
      const response = await fetch(service.url + path);
      assertEquals(response.status, status, path);
      if (status === 404) await assertProblem(response, "404 not-found");
      else await response.body?.cancel();
    }
  }
});
