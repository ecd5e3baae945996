/** Tests of the API reference in a real browser, on the real service. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../browser/chromium.ts";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import { PageFixture, type Variant, VARIANTS } from "./page_fixture.ts";

const SUMMARIES = Object.values(OPERATIONS).flat().map(({ summary }) => summary);

/** Opens the reference, and waits until it is complete. */
async function open(fixture: PageFixture, path = "/docs"): Promise<void> {
  await fixture.goTo(path);
  await fixture.page.getByRole("heading", { name: "Schemas", exact: true }).waitFor();
}

test("The docs show every operation, and no link in the contents or to a schema is dead", async () => {
  await using fixture = await PageFixture.open();
  await open(fixture);
  const headings = await fixture.page.locator("#operations article h3").allInnerTexts();
  assertEquals(headings, SUMMARIES);
  const dead = await fixture.page.evaluate<string[]>(
    `[...document.querySelectorAll("a[href^='#']")].map(({ hash }) => hash).filter((hash) => !document.querySelector(hash))`,
  );
  assertEquals(dead, []);
  await fixture.page.getByRole("navigation").getByText("Close a target's connections").click();
  assert(fixture.page.url().endsWith("/docs#closeConnections"));
});

test("The docs show commands that the service accepts", async () => {
  await using fixture = await PageFixture.open();
  await open(fixture);
  const command = await fixture.page.locator("#notify details[open] pre").innerText();
  const [, body] = /-d '(.*)'$/.exec(command) ?? [];
  assert(command.startsWith(`curl ${fixture.service.url}/v1/notify \\`), command);
  await fixture.service.notify(JSON.parse(body ?? ""));
});

test("The docs begin with the base URL, the version and the mode of this server", async () => {
  await using fixture = await PageFixture.open();
  await open(fixture);
  const { info } = await (await fetch(`${fixture.service.url}/openapi.json`)).json();
  const text = await fixture.page.locator("#introduction").innerText();
  for (const part of [fixture.service.url, `Version\n${info.version}`, "Development:"]) {
    assert(text.includes(part), `${part} in ${text}`);
  }
});

test("The docs of a server with secrets show commands with credentials", async () => {
  await using fixture = await PageFixture.open({
    TIDINGS_PUBLISHER_KEYS: "a-publisher-key",
    TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
  });
  await open(fixture);
  await fixture.page.getByText("Production:").waitFor();
  const [notify, events] = await Promise.all(
    ["#notify", "#events"].map((id) => fixture.page.locator(`${id} pre`).first().innerText()),
  );
  assert(notify?.includes('-H "Authorization: Bearer $KEY"'), notify);
  assert(events?.includes('-H "Authorization: Bearer $TOKEN"'), events);
});

test("The docs show or link the fields of every object, and show no long regular expression", async () => {
  await using fixture = await PageFixture.open();
  await open(fixture);
  const types = await fixture.page.locator("td.type").allInnerTexts();
  assertEquals(types.filter((type) => /\bobject\b/.test(type)), []);
  const time = await fixture.page.locator("#schema-Time").innerText();
  assert(!time.includes("pattern") && time.length < 200, time);
});

test("The docs scroll to the part that the URL names", async () => {
  await using fixture = await PageFixture.open();
  await open(fixture, "/docs#issueToken");
  const { page } = fixture;
  await page.waitForFunction("document.getElementById('issueToken').getBoundingClientRect().top < 100");
});

test("The docs show every table row without an example in a few lines", async () => {
  await using fixture = await PageFixture.open();
  await open(fixture);
  const tall = await fixture.page.evaluate<string[]>(
    `[...document.querySelectorAll("tr:not(:has(pre))")].filter(({ offsetHeight }) => offsetHeight > 85).map(({ innerText }) => innerText)`,
  );
  assertEquals(tall, []);
});

for (const variant of Object.keys(VARIANTS) as Variant[]) {
  test(`axe finds nothing against the docs (${variant})`, async () => {
    await using fixture = await PageFixture.open({}, { variant });
    await open(fixture);
    const [content, window] = await fixture.page.evaluate<number[]>(
      "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
    );
    assertEquals(content, window, "the page is no wider than the window");
    await fixture.assertAccessible(`docs_${variant}`);
  });
}
