/** The console as an operator sees it: in a real browser, on the real service. */

import { assert, assertEquals } from "@std/assert";
import { Tab } from "../end_to_end/tab.ts";
import { test } from "../browser/chromium.ts";
import { type Look, LOOKS, Visit } from "./visit.ts";

const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const OFTEN = { snapshotMs: 25 };

/** What the chart of this title says is now, in numbers. */
async function nowOf({ page }: Visit, title: string): Promise<number[]> {
  const words = await page.getByRole("figure").filter({ hasText: title }).locator(".now").innerText();
  return words.split("/").map(parseFloat);
}

/** The picture of the chart. */
async function drawnOf({ page }: Visit, title: string): Promise<unknown> {
  const canvas = page.getByRole("figure").filter({ hasText: title }).locator("canvas");
  return await canvas.evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
}

/** Resolves when it is so. */
async function when(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("Console's charts move with what the service does", async () => {
  await using visit = await Visit.begun({}, { limits: OFTEN });
  await visit.goTo("/console");
  await visit.page.getByText("Live", { exact: true }).waitFor();
  await when(async () => (await nowOf(visit, "Connections"))[0] === 0);
  const before = await drawnOf(visit, "Deliveries");
  const { tab } = await Tab.open(visit.service.port, { target: "alexander" });
  await when(async () => (await nowOf(visit, "Connections"))[0] === 1);

  const seen = { accepted: false, delivered: false, latency: false };
  await when(async () => {
    await visit.service.notify({ target: "alexander", data: 1 });
    const [[accepted = 0], [delivered = 0]] = await Promise.all([
      nowOf(visit, "Notifications accepted"),
      nowOf(visit, "Deliveries"),
    ]);
    seen.accepted ||= accepted > 0;
    seen.delivered ||= delivered > 0;
    const [p50 = NaN, p99 = NaN] = await nowOf(visit, "Latency");
    seen.latency ||= p50 > 0 && p99 >= p50;
    return seen.accepted && seen.delivered && seen.latency;
  });
  assert(await drawnOf(visit, "Deliveries") !== before);
  await tab.close();
  await when(async () => (await nowOf(visit, "Connections"))[0] === 0);
});

test("Console looks up a target: its connections, its latest notifications and their reports", async () => {
  await using visit = await Visit.begun({}, { limits: OFTEN });
  const { tab, welcome } = await Tab.open(visit.service.port, { target: "a/b 🗽" });
  for (let n = 0; n < 25; n++) await visit.service.notify({ target: "a/b 🗽", id: `id-${n}`, data: { n } });
  await tab.data(25);
  tab.send('{"type":"ack","ids":["id-24"]}');
  await visit.goTo("/console");
  const connections = visit.page.getByRole("region", { name: "Connections" }).locator("tbody tr");
  const notifications = visit.page.getByRole("region", { name: "Latest notifications" }).locator("tbody tr");
  await when(async () => {
    await visit.lookUp("a/b 🗽");
    const [first = ""] = await notifications.allInnerTexts();
    return /id-24\s+\{"n":24\}\s+1\s+1\s+\d+ ms/.test(first);
  });
  assertEquals(await notifications.count(), 20);
  const [row = "", ...more] = await connections.allInnerTexts();
  assertEquals(more, []);
  assert(row.startsWith(welcome.connection.slice(0, 8)) && /WebSocket.*live$/s.test(row), row);
  await visit.page.getByText("a/b 🗽 has 1 connection, as of").waitFor();
  await tab.close();
});

test("Console sends a test, and disconnects a target once that is confirmed", async () => {
  await using visit = await Visit.begun({}, { limits: OFTEN });
  const { tab } = await Tab.open(visit.service.port, { target: "burr" });
  await visit.goTo("/console");
  await visit.page.getByText("Live", { exact: true }).waitFor();
  await visit.page.getByLabel("Target", { exact: true }).fill("burr");
  await visit.press("Send a test");
  const { data } = await tab.next();
  assertEquals((data as { title: string }).title, "A test from the console");
  await visit.page.getByText(/^The test is sent: /).waitFor();

  const dialog = visit.page.getByRole("dialog", { name: "Disconnect burr?" });
  await visit.press("Disconnect");
  await dialog.getByRole("button", { name: "Keep them" }).click();
  await dialog.waitFor({ state: "hidden" });
  await visit.press("Disconnect");
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  assertEquals((await tab.closed).code, 4003);
  await visit.page.getByText("1 connection of burr closed.").waitFor();
  await visit.page.getByRole("cell", { name: "No connection is open." }).waitFor();
});

test("Console tells nothing without a key, says when one is wrong, keeps it in the tab, and forgets it", async () => {
  await using visit = await Visit.begun(SECRETS, { limits: OFTEN });
  await visit.goTo("/console");
  await visit.page.getByText("Waiting for a key").waitFor();
  await visit.isAccessible("console-key");
  await visit.isToldOfAWrongKey();
  await visit.showKey(KEY);
  await visit.page.getByText("Live", { exact: true }).waitFor();
  await visit.page.reload();
  await visit.page.getByText("Live", { exact: true }).waitFor();

  const other = await visit.page.context().newPage();
  await other.goto(`${visit.service.url}/console`);
  await other.getByText("Waiting for a key").waitFor();
  await visit.press("Forget the key");
  await visit.page.getByText("Waiting for a key").waitFor();
});

test("Console comes back when the stream ends", async () => {
  await using visit = await Visit.begun({}, { limits: OFTEN });
  let cut = false;
  await visit.page.route("**/console/events", async (route) => {
    if (cut) return await route.continue();
    cut = true;
    await route.fulfill({ contentType: "text/event-stream", body: "" });
  });
  await visit.page.clock.install();
  await visit.goTo("/console");
  await visit.page.getByText("The stream ended").waitFor();
  await visit.page.clock.fastForward(2_000);
  await visit.page.getByText("Live", { exact: true }).waitFor();
});

test("Console is not called live when nothing comes any more, and opens the stream again", async () => {
  await using visit = await Visit.begun({}, { limits: { snapshotMs: 3_600_000 } }); // one look, and then none for an hour
  await visit.page.clock.install();
  await visit.goTo("/console");
  await visit.page.getByText("Live", { exact: true }).waitFor();
  await visit.page.clock.fastForward(15_000);
  await visit.page.getByText("Nothing came for 10 seconds").waitFor();
  const again = visit.page.waitForRequest("**/console/events");
  await visit.page.clock.fastForward(2_000);
  await again;
});

test("Console says why it asks for a key again", async () => {
  await using visit = await Visit.begun(SECRETS, { limits: OFTEN });
  await visit.goTo("/console");
  await visit.showKey(KEY);
  await visit.page.getByText("Live", { exact: true }).waitFor();
  await visit.page.route("**/console/events", (route) => route.fulfill({ status: 401, json: {} }));
  await visit.page.reload();
  await visit.page.getByText("The service does not know this key any more.").waitFor();
  assert(!await visit.page.getByRole("button", { name: "Forget the key" }).isVisible());
  visit.takeErrors();
});

for (const look of Object.keys(LOOKS) as Look[]) {
  test(`axe finds nothing against the console (${look})`, async () => {
    await using visit = await Visit.begun({}, { look, limits: OFTEN });
    const { tab } = await Tab.open(visit.service.port, { target: "alexander" });
    for (let n = 0; n < 5; n++) {
      await visit.service.notify({ target: "alexander", data: { title: "Hello!", n } });
    }
    await visit.goTo("/console");
    await visit.page.getByText("Live", { exact: true }).waitFor();
    await visit.lookUp("alexander");
    await visit.page.getByText("alexander has 1 connection, as of").waitFor();
    await when(async () => (await nowOf(visit, "Connections"))[0] === 1);
    await visit.isAccessible(`console-${look}`);
    const { scroll, client } = await visit.page.evaluate<{ scroll: number; client: number }>(
      "({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth })",
    );
    assertEquals(scroll, client, "nothing sticks out to the side");
    await visit.press("Disconnect");
    await visit.isAccessible(`console-dialog-${look}`);
    await tab.close();
  });
}
