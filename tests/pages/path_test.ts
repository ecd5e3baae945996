/** Tests of all pages behind a proxy that puts a path in front of the service, in a real browser. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "../browser/chromium.ts";
import { PathProxy } from "../path_proxy.ts";
import { PageFixture } from "./page_fixture.ts";

const KEY = "a-publisher-key";
const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: KEY,
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
  TIDINGS_DEMO: "on",
};

/** A page of a service behind the path, and the requests of the page that missed the path. */
async function open(environment: Record<string, string> = {}): Promise<{
  fixture: PageFixture;
  proxy: PathProxy;
  outside: readonly string[];
}> {
  const fixture = await PageFixture.open(environment);
  const proxy = new PathProxy(fixture.service.port);
  return { fixture, proxy, outside: proxy.outside };
}

test("The demo page works behind a path: devices connect, and receive what the page and its curl command send", async () => {
  const { fixture, proxy, outside } = await open();
  await using _fixture = fixture;
  await using _proxy = proxy;
  const { page } = fixture;
  await page.goto(`${proxy.url}/`);
  const device = page.getByRole("region", { name: "Burr’s laptop" });
  await device.getByText("over WebSocket").waitFor();
  await page.getByText("Everyone", { exact: true }).click();
  await fixture.press("Send");
  await page.getByText(/^202 Accepted/).waitFor();
  await device.getByRole("listitem").first().waitFor();
  await device.getByText("On the server: live").waitFor();
  const command = await page.locator("#curl").innerText();
  assert(command.endsWith(` ${proxy.url}/v1/notify`), command);
  assertEquals(outside, []);
});

test("The demo page gets tokens behind a path, with a key that it keeps for this service alone", async () => {
  const { fixture, proxy, outside } = await open(SECRETS);
  await using _fixture = fixture;
  await using _proxy = proxy;
  const { page } = fixture;
  await page.goto(`${proxy.url}/`);
  await fixture.enterKey(KEY);
  await page.getByRole("region", { name: "Burr’s laptop" }).getByText("over WebSocket").waitFor();
  const stored = await page.evaluate<string[]>("Object.keys(sessionStorage)");
  assertEquals(stored, [`tidings-publisher-key ${proxy.url}`]);
  assertEquals(outside, []);
});

test("The console works behind a path: it shows metrics, and looks up a target", async () => {
  const { fixture, proxy, outside } = await open();
  await using _fixture = fixture;
  await using _proxy = proxy;
  await fixture.page.goto(`${proxy.url}/console`);
  await fixture.page.getByText("Live", { exact: true }).waitFor();
  await fixture.lookUp("burr");
  await fixture.page.getByText("burr has 0 connections").waitFor();
  await fixture.press("Send test");
  await fixture.page.getByText("Test notification sent").waitFor();
  await fixture.page.getByRole("link", { name: "API" }).click();
  await fixture.page.getByRole("heading", { name: "Schemas", exact: true }).waitFor();
  assertEquals(fixture.page.url(), `${proxy.url}/docs`);
  assertEquals(outside, []);
});

test("The docs work behind a path: they show its URL, and every link leads to the service", async () => {
  const { fixture, proxy, outside } = await open();
  await using _fixture = fixture;
  await using _proxy = proxy;
  const { page } = fixture;
  await page.goto(`${proxy.url}/docs`);
  await page.getByRole("heading", { name: "Schemas", exact: true }).waitFor();
  assertEquals(await page.locator("#base-url").innerText(), proxy.url);
  for (const id of ["#receive-code", "#send-code", "#notify pre"]) {
    assertStringIncludes(await page.locator(id).first().innerText(), `${proxy.url}/`);
  }
  const links = await page.evaluate<string[]>("[...document.links].map(({ href }) => href.split('#')[0])");
  for (const link of new Set(links)) {
    const response = await fetch(link);
    assertEquals(response.status, 200, link);
    await response.body?.cancel();
  }
  assertEquals(outside, []);
});
