/** The console's panel for a target, in a real browser: targets and data that are large, strange or slow. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../../browser/chromium.ts";
import { Tab } from "../../end_to_end/tab.ts";
import { Visit } from "../visit.ts";

const rowsIn = ({ page }: Visit, name: string) => page.getByRole("region", { name }).locator("tbody tr");

async function begun(): Promise<Visit> {
  const visit = await Visit.begun();
  await visit.goTo("/console");
  return visit;
}

/** Posts the text as it is. */
async function post({ service }: Visit, text: string): Promise<void> {
  const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body: text });
  assertEquals(response.status, 202, await response.text());
}

test("The console shows data as it was posted: every digit, and however deep", async () => {
  await using visit = await begun();
  await post(visit, '{"target":"burr","data":{"n":12345678901234567890,"price":1.10}}');
  await post(visit, `{"target":"burr","data":${"[".repeat(30_000)}${"]".repeat(30_000)}}`);
  await visit.lookUp("burr");
  await visit.page.getByText('{"n":12345678901234567890,"price":1.10}', { exact: true }).waitFor();
  assertEquals(await rowsIn(visit, "Latest notifications").count(), 2);
});

test("The console shows the beginning of large data, and all of it on demand", async () => {
  await using visit = await begun();
  const data = `begins ${"€".repeat(20_000)} ends`;
  await visit.service.notify({ target: "burr", data });
  await visit.lookUp("burr");
  const row = rowsIn(visit, "Latest notifications"), whole = row.getByText(/ends"$/);
  const summary = row.getByText(/^"begins €+…/);
  await summary.waitFor();
  assert(!await whole.isVisible());
  await summary.focus();
  await visit.page.keyboard.press("Enter");
  assertEquals(await whole.innerText(), JSON.stringify(data));
});

test("The console's page keeps its height when a target has many connections, and shows those behind first", async () => {
  await using visit = await begun();
  const connections = Array.from({ length: 3_000 }, (_, index) => ({
    id: `c-${index}`,
    transport: "websocket",
    connected_at: new Date().toISOString(),
    node: "n",
    behind: index === 2_990,
  }));
  await visit.page.route(
    "**/v1/targets/many",
    (route) => route.fulfill({ json: { target: "many", connections } }),
  );
  await visit.lookUp("many");
  await visit.page.getByText("many has 3,000 connections, 1 of them behind").waitFor();
  assertEquals((await rowsIn(visit, "Connections").first().innerText()).split("\t").at(0), "c-2990");
  await visit.page.getByText("200 of 3,000 are shown").waitFor();
  const height = await visit.page.evaluate<number>("document.documentElement.scrollHeight");
  assert(height < 3_000, `${height} px`);
  await visit.isAccessible("console-many");
});

test("The console's words around a target keep their direction, whatever that of the target", async () => {
  await using visit = await begun();
  const target = "a\u202Egnp.exe"; // an override without an end
  await visit.lookUp(target);
  const named = visit.page.locator("#target-answer bdi");
  assertEquals(await named.innerText(), target);
  await visit.press("Disconnect");
  const heading = visit.page.getByRole("dialog").getByRole("heading");
  assertEquals(await heading.innerText(), `Disconnect ${target}?`);
  assertEquals(await heading.locator("bdi").innerText(), target);
});

test("The console shows what was asked last, also if an earlier answer comes later", async () => {
  await using visit = await begun();
  const { tab } = await Tab.open(visit.service.port, { target: "quick" });
  const held = Promise.withResolvers<void>(), asked = Promise.withResolvers<void>();
  await visit.page.route("**/v1/targets/slow", async (route) => {
    asked.resolve();
    await held.promise;
    await route.fulfill({ json: { target: "slow", connections: [] } });
  });
  await visit.lookUp("slow");
  await asked.promise;
  await visit.lookUp("quick");
  await visit.page.getByText("quick has 1 connection, as of").waitFor();
  const late = visit.page.waitForResponse("**/v1/targets/slow");
  held.resolve();
  await (await late).finished();
  await visit.page.evaluate("new Promise((resolve) => setTimeout(resolve, 50))");
  assertEquals(await visit.page.getByText("slow has").count(), 0);
  assertEquals(await visit.page.getByRole("cell", { name: "No connection is open." }).count(), 0);
  await tab.close();
});

test("The console shows nothing of an earlier target when a later one is refused", async () => {
  await using visit = await begun();
  await visit.lookUp("alexander");
  await visit.page.getByText("alexander has 0 connections").waitFor();
  await visit.page.route("**/v1/targets/burr", (route) => route.abort());
  await visit.lookUp("burr");
  await visit.page.getByText("The server cannot be reached").waitFor();
  assert(!await visit.page.getByRole("region", { name: "Connections" }).isVisible());
  visit.takeErrors();
});

test("The console says so when the latest notifications are further on than it reads", async () => {
  await using visit = await begun();
  await visit.page.route("**/v1/targets/burr/notifications*", (route) => {
    const id = crypto.randomUUID();
    const notifications = [{ id, position: "p", at: new Date().toISOString(), data: 1 }];
    return route.fulfill({ json: { target: "burr", notifications, next: id, more: true } });
  });
  await visit.page.route("**/v1/notifications/*", (route) => route.fulfill({ json: { sent: 0, acked: 0 } }));
  await visit.lookUp("burr");
  await visit.page.getByText("there are later ones, which were not read").waitFor();
});

test("The console asks for nothing that is no target", async () => {
  await using visit = await begun();
  await visit.lookUp("..");
  assertEquals(await visit.page.locator("#target:invalid").count(), 1);
});
