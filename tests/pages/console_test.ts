/** Tests of the console in a real browser, on the real service. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../browser/chromium.ts";
import { Tab } from "../end_to_end/tab.ts";
import { eventually } from "../eventually.ts";
import { PageFixture, type Variant, VARIANTS } from "./page_fixture.ts";

const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const SCOPED_KEYS = { read: "key-of-a-reader-1", publish: "key-of-a-backend-1", both: "key-of-an-operator" };
const SCOPED = {
  ...SECRETS,
  TIDINGS_SCOPED_KEYS:
    `r:read:${SCOPED_KEYS.read},p:publish:${SCOPED_KEYS.publish},o:read+admin:${SCOPED_KEYS.both}`,
};
const OFTEN = { snapshotMs: 25 };

/** Reads the current values that the chart with this title shows. */
async function currentValues({ page }: PageFixture, title: string): Promise<number[]> {
  const words = await page.getByRole("figure").filter({ hasText: title }).locator(".now").innerText();
  return words.split("/").map(parseFloat);
}

/** Reads the picture of the chart as a data URL. */
async function drawing({ page }: PageFixture, title: string): Promise<unknown> {
  const canvas = page.getByRole("figure").filter({ hasText: title }).locator("canvas");
  return await canvas.evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
}

test("The console's charts follow what the service does", async () => {
  await using fixture = await PageFixture.open({}, { limits: OFTEN });
  await fixture.goTo("/console");
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await eventually(async () => (await currentValues(fixture, "Connections"))[0] === 0);
  const before = await drawing(fixture, "Deliveries");
  const { tab } = await Tab.open(fixture.service.port, { target: "alexander" });
  await eventually(async () => (await currentValues(fixture, "Connections"))[0] === 1);

  const seen = { accepted: false, delivered: false, latency: false };
  await eventually(async () => {
    await fixture.service.notify({ target: "alexander", data: 1 });
    const [[accepted = 0], [delivered = 0]] = await Promise.all([
      currentValues(fixture, "Notifications accepted"),
      currentValues(fixture, "Deliveries"),
    ]);
    seen.accepted ||= accepted > 0;
    seen.delivered ||= delivered > 0;
    const [p50 = NaN, p99 = NaN] = await currentValues(fixture, "Latency");
    seen.latency ||= p50 > 0 && p99 >= p50;
    return seen.accepted && seen.delivered && seen.latency;
  });
  assert(await drawing(fixture, "Deliveries") !== before);
  await tab.close();
  await eventually(async () => (await currentValues(fixture, "Connections"))[0] === 0);
});

test("The console shows the CPU and the lag of the event loop, and how full the journal is", async () => {
  const environment = { TIDINGS_RETENTION_BYTES: "1048576" };
  await using fixture = await PageFixture.open(environment, { limits: { snapshotMs: 250 } });
  await fixture.goTo("/console");
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await eventually(async () => (await currentValues(fixture, "Fullest journal"))[0] === 0);
  await fixture.service.notify({ target: "alexander", data: "x".repeat(60_000) });
  await eventually(async () => ((await currentValues(fixture, "Fullest journal"))[0] ?? 0) > 5);
  const busy = { cpu: false, lag: false };
  await eventually(async () => {
    for (const end = performance.now() + 50; performance.now() < end;); // the service is in this process
    busy.cpu ||= ((await currentValues(fixture, "CPU of the event loop"))[0] ?? 0) > 0;
    busy.lag ||= ((await currentValues(fixture, "Event-loop lag"))[0] ?? 0) > 0;
    return busy.cpu && busy.lag;
  });
});

test("The console looks up a target: its connections, its latest notifications and their reports", async () => {
  await using fixture = await PageFixture.open({}, { limits: OFTEN });
  const { tab, welcome } = await Tab.open(fixture.service.port, { target: "a/b 🗽" });
  for (let n = 0; n < 25; n++) await fixture.service.notify({ target: "a/b 🗽", id: `id-${n}`, data: { n } });
  await tab.data(25);
  tab.send('{"type":"ack","ids":["id-24"]}');
  await fixture.goTo("/console");
  const connections = fixture.page.getByRole("region", { name: "Connections" }).locator("tbody tr");
  const notifications = fixture.page.getByRole("region", { name: "Latest notifications" }).locator(
    "tbody tr",
  );
  await eventually(async () => {
    await fixture.lookUp("a/b 🗽");
    const [first = ""] = await notifications.allInnerTexts();
    return /id-24\s+\{"n":24\}\s+1\s+1\s+\d+ ms/.test(first);
  });
  assertEquals(await notifications.count(), 20);
  const [row = "", ...more] = await connections.allInnerTexts();
  assertEquals(more, []);
  assert(row.startsWith(welcome.connection.slice(0, 8)) && /WebSocket.*live$/s.test(row), row);
  await fixture.page.getByText("a/b 🗽 has 1 connection, as of").waitFor();
  await tab.close();
});

test("The console sends a test, and disconnects a target after a confirmation", async () => {
  await using fixture = await PageFixture.open({}, { limits: OFTEN });
  const { tab } = await Tab.open(fixture.service.port, { target: "burr" });
  await fixture.goTo("/console");
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await fixture.page.getByLabel("Target", { exact: true }).fill("burr");
  await fixture.press("Send test");
  const { data } = await tab.next();
  assertEquals((data as { title: string }).title, "Test from the console");
  await fixture.page.getByText(/^Test notification sent: /).waitFor();

  const dialog = fixture.page.getByRole("dialog", { name: "Disconnect burr?" });
  await fixture.press("Disconnect");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "hidden" });
  await fixture.press("Disconnect");
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  assertEquals((await tab.closed).code, 4003);
  await fixture.page.getByText("Closed 1 connection of burr.").waitFor();
  await fixture.page.getByRole("cell", { name: "No connection is open." }).waitFor();
});

test("The console shows nothing without a key, refuses a wrong one, keeps the key in its tab, and forgets it", async () => {
  await using fixture = await PageFixture.open(SECRETS, { limits: OFTEN });
  await fixture.goTo("/console");
  await fixture.page.getByText("Waiting for a key").waitFor();
  await fixture.assertAccessible("console-key");
  await fixture.assertWrongKeyIsRefused();
  await fixture.enterKey(KEY);
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await fixture.page.reload();
  await fixture.page.getByText("Live", { exact: true }).waitFor();

  const other = await fixture.page.context().newPage();
  await other.goto(`${fixture.service.url}/console`);
  await other.getByText("Waiting for a key").waitFor();
  await fixture.press("Forget key");
  await fixture.page.getByText("Waiting for a key").waitFor();
});

test("The console works with a key that may only read, and hides what the key may not do", async () => {
  await using fixture = await PageFixture.open(SCOPED, { limits: OFTEN });
  const { page } = fixture;
  await fixture.goTo("/console");
  await fixture.enterKey(SCOPED_KEYS.publish);
  await page.getByText("This key lacks the scope read.").waitFor();
  await fixture.enterKey(SCOPED_KEYS.read);
  await page.getByText("Live", { exact: true }).waitFor();
  await fixture.lookUp("alexander");
  await page.getByText("alexander has 0 connections, as of").waitFor();
  const isVisible = (name: string) => page.getByRole("button", { name, exact: true }).isVisible();
  assertEquals([await isVisible("Send test"), await isVisible("Disconnect")], [false, false]);
  await fixture.assertAccessible("console-reader");
  await fixture.press("Forget key");
  await fixture.enterKey(SCOPED_KEYS.both);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Disconnect" }).waitFor();
  assertEquals([await isVisible("Send test"), await isVisible("Disconnect")], [false, true]);
});

test("The console asks for another key when its key may not read any more", async () => {
  await using fixture = await PageFixture.open(SCOPED, { limits: OFTEN });
  await fixture.goTo("/console");
  await fixture.enterKey(SCOPED_KEYS.read);
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  const json = { type: "urn:tidings:problem:missing-scope" };
  await fixture.page.route("**/console/events", (route) => route.fulfill({ status: 403, json }));
  await fixture.page.reload();
  await fixture.page.getByText("This key no longer has the scope read.").waitFor();
  fixture.takeErrors();
});

test("The console reconnects when the stream ends", async () => {
  await using fixture = await PageFixture.open({}, { limits: OFTEN });
  let isCut = false;
  await fixture.page.route("**/console/events", async (route) => {
    if (isCut) return await route.continue();
    isCut = true;
    await route.fulfill({ contentType: "text/event-stream", body: "" });
  });
  await fixture.page.clock.install();
  await fixture.goTo("/console");
  await fixture.page.getByText("The stream ended").waitFor();
  await fixture.page.clock.fastForward(2_000);
  await fixture.page.getByText("Live", { exact: true }).waitFor();
});

test('The console stops showing "Live" when nothing arrives, and reconnects', async () => {
  // The service sends one snapshot, and then none for an hour.
  await using fixture = await PageFixture.open({}, { limits: { snapshotMs: 3_600_000 } });
  await fixture.page.clock.install();
  await fixture.goTo("/console");
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await fixture.page.clock.fastForward(15_000);
  await fixture.page.getByText("Nothing arrived for 10 seconds").waitFor();
  const reconnecting = fixture.page.waitForRequest("**/console/events");
  await fixture.page.clock.fastForward(2_000);
  await reconnecting;
});

test("The console says why it asks for a key again", async () => {
  await using fixture = await PageFixture.open(SECRETS, { limits: OFTEN });
  await fixture.goTo("/console");
  await fixture.enterKey(KEY);
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await fixture.page.route("**/console/events", (route) => route.fulfill({ status: 401, json: {} }));
  await fixture.page.reload();
  await fixture.page.getByText("The service no longer accepts this key.").waitFor();
  assert(!await fixture.page.getByRole("button", { name: "Forget key" }).isVisible());
  fixture.takeErrors();
});

for (const variant of Object.keys(VARIANTS) as Variant[]) {
  test(`axe finds nothing against the console (${variant})`, async () => {
    await using fixture = await PageFixture.open({}, { variant, limits: OFTEN });
    const { tab } = await Tab.open(fixture.service.port, { target: "alexander" });
    for (let n = 0; n < 5; n++) {
      await fixture.service.notify({ target: "alexander", data: { title: "Hello!", n } });
    }
    await fixture.goTo("/console");
    await fixture.page.getByText("Live", { exact: true }).waitFor();
    await fixture.lookUp("alexander");
    await fixture.page.getByText("alexander has 1 connection, as of").waitFor();
    await eventually(async () => (await currentValues(fixture, "Connections"))[0] === 1);
    await fixture.assertAccessible(`console-${variant}`);
    const { scroll, client } = await fixture.page.evaluate<{ scroll: number; client: number }>(
      "({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth })",
    );
    assertEquals(scroll, client, "the page is no wider than the window");
    await fixture.press("Disconnect");
    await fixture.assertAccessible(`console-dialog-${variant}`);
    await tab.close();
  });
}
