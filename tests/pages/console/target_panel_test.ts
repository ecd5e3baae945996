/** Tests of the console's target panel in a real browser, with large, unusual and slow targets and data. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../../browser/chromium.ts";
import { Tab } from "../../end_to_end/tab.ts";
import { PageFixture } from "../page_fixture.ts";

const rowsIn = ({ page }: PageFixture, name: string) =>
  page.getByRole("region", { name }).locator("tbody tr");

async function openConsole(): Promise<PageFixture> {
  const fixture = await PageFixture.open();
  await fixture.goTo("/console");
  return fixture;
}

/** Posts the text unchanged. */
async function post({ service }: PageFixture, text: string): Promise<void> {
  const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body: text });
  assertEquals(response.status, 202, await response.text());
}

test("The console shows data as it was posted, with every digit and at any depth", async () => {
  await using fixture = await openConsole();
  await post(fixture, '{"target":"burr","data":{"n":12345678901234567890,"price":1.10}}');
  await post(fixture, `{"target":"burr","data":${"[".repeat(30_000)}${"]".repeat(30_000)}}`);
  await fixture.lookUp("burr");
  await fixture.page.getByText('{"n":12345678901234567890,"price":1.10}', { exact: true }).waitFor();
  assertEquals(await rowsIn(fixture, "Latest notifications").count(), 2);
});

test("The console shows the beginning of large data, and all of it on demand", async () => {
  await using fixture = await openConsole();
  const data = `begins ${"€".repeat(20_000)} ends`;
  await fixture.service.notify({ target: "burr", data });
  await fixture.lookUp("burr");
  const row = rowsIn(fixture, "Latest notifications"), whole = row.getByText(/ends"$/);
  const summary = row.getByText(/^"begins €+…/);
  await summary.waitFor();
  assert(!await whole.isVisible());
  await summary.focus();
  await fixture.page.keyboard.press("Enter");
  assertEquals(await whole.innerText(), JSON.stringify(data));
});

test("The console limits the list of many connections, and shows those behind first", async () => {
  await using fixture = await openConsole();
  const connections = Array.from({ length: 3_000 }, (_, index) => ({
    id: `c-${index}`,
    transport: "websocket",
    connected_at: new Date().toISOString(),
    node: "n",
    behind: index === 2_990,
  }));
  await fixture.page.route(
    "**/v1/targets/many",
    (route) => route.fulfill({ json: { target: "many", connections } }),
  );
  await fixture.lookUp("many");
  await fixture.page.getByText("many has 3,000 connections, 1 of them behind").waitFor();
  assertEquals((await rowsIn(fixture, "Connections").first().innerText()).split("\t").at(0), "c-2990");
  await fixture.page.getByText("Showing 200 of 3,000").waitFor();
  const height = await fixture.page.evaluate<number>("document.documentElement.scrollHeight");
  assert(height < 3_000, `${height} px`);
  await fixture.assertAccessible("console-many");
});

test("The console isolates a target's name, so that it cannot reverse the text around it", async () => {
  await using fixture = await openConsole();
  const target = "a\u202Egnp.exe"; // an override without an end
  await fixture.lookUp(target);
  const name = fixture.page.locator("#target-answer bdi");
  assertEquals(await name.innerText(), target);
  await fixture.press("Disconnect");
  const heading = fixture.page.getByRole("dialog").getByRole("heading");
  assertEquals(await heading.innerText(), `Disconnect ${target}?`);
  assertEquals(await heading.locator("bdi").innerText(), target);
});

test("The console shows the result of the latest lookup, even if an earlier one completes later", async () => {
  await using fixture = await openConsole();
  const { tab } = await Tab.open(fixture.service.port, { target: "quick" });
  const held = Promise.withResolvers<void>(), requested = Promise.withResolvers<void>();
  await fixture.page.route("**/v1/targets/slow", async (route) => {
    requested.resolve();
    await held.promise;
    await route.fulfill({ json: { target: "slow", connections: [] } });
  });
  await fixture.lookUp("slow");
  await requested.promise;
  await fixture.lookUp("quick");
  await fixture.page.getByText("quick has 1 connection, as of").waitFor();
  const late = fixture.page.waitForResponse("**/v1/targets/slow");
  held.resolve();
  await (await late).finished();
  await fixture.page.evaluate("new Promise((resolve) => setTimeout(resolve, 50))");
  assertEquals(await fixture.page.getByText("slow has").count(), 0);
  assertEquals(await fixture.page.getByRole("cell", { name: "No connection is open." }).count(), 0);
  await tab.close();
});

test("The console shows how many notifications are unread, and how many targets have read each", async () => {
  await using fixture = await openConsole();
  const { service } = fixture;
  const positions: unknown[] = [];
  for (const id of ["a", "b", "c"]) {
    positions.push((await service.notify({ target: "burr", data: 1, id })).position);
  }
  const body = JSON.stringify({ positions: [positions[1]] });
  await (await fetch(`${service.url}/v1/targets/burr/read`, { method: "POST", body })).body?.cancel();
  await fixture.lookUp("burr");
  await fixture.page.getByText("2 unread notifications").waitFor();
  const rows = await rowsIn(fixture, "Latest notifications").allInnerTexts();
  assertEquals(rows.map((row) => [row.split("\t").at(1), row.split("\t").at(-1)?.trim()]), [
    ["c", "0"],
    ["b", "1"],
    ["a", "0"],
  ]);
});

test("The console keeps the number of unread notifications up to date", async () => {
  await using fixture = await openConsole();
  const { service } = fixture;
  await service.notify({ target: "burr", data: 1 });
  await fixture.lookUp("burr");
  const unread = (text: string) => fixture.page.getByText(text, { exact: true }).waitFor();
  await unread("1 unread notification");
  const { position } = await service.notify({ target: "burr", data: 2 });
  await unread("2 unread notifications");
  const body = JSON.stringify({ through: position });
  await (await fetch(`${service.url}/v1/targets/burr/read`, { method: "POST", body })).body?.cancel();
  await unread("0 unread notifications");
});

test("The console hides the earlier result when a lookup fails", async () => {
  await using fixture = await openConsole();
  await fixture.lookUp("alexander");
  await fixture.page.getByText("alexander has 0 connections").waitFor();
  await fixture.page.route("**/v1/targets/burr", (route) => route.abort());
  await fixture.lookUp("burr");
  await fixture.page.getByText("The server cannot be reached").waitFor();
  assert(!await fixture.page.getByRole("region", { name: "Connections" }).isVisible());
  fixture.takeErrors();
});

test("The console says so when a target has newer notifications than it reads", async () => {
  await using fixture = await openConsole();
  await fixture.page.route("**/v1/targets/burr/notifications*", (route) => {
    const id = crypto.randomUUID();
    const notifications = [{ id, position: "p", at: new Date().toISOString(), data: 1 }];
    return route.fulfill({ json: { target: "burr", unread: 1, notifications, next: id, more: true } });
  });
  await fixture.page.route(
    "**/v1/notifications/*",
    (route) => route.fulfill({ json: { sent: 0, acked: 0, read: 0 } }),
  );
  await fixture.lookUp("burr");
  await fixture.page.getByText("newer notifications than this page has read").waitFor();
});

test("The console sends no request for an invalid target", async () => {
  await using fixture = await openConsole();
  await fixture.lookUp("..");
  assertEquals(await fixture.page.locator("#target:invalid").count(), 1);
});
