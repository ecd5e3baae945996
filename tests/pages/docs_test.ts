/** The API reference as a developer sees it: in a real browser, on the real service. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../browser/chromium.ts";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import { type Look, LOOKS, Visit } from "./visit.ts";

const SUMMARIES = Object.values(OPERATIONS).flat().map(({ summary }) => summary);

/** Goes there, and waits until all is shown. */
async function open(visit: Visit, path = "/docs"): Promise<void> {
  await visit.goTo(path);
  await visit.page.getByRole("heading", { name: "Schemas", exact: true }).waitFor();
}

test("Docs show every operation, and lead from the contents and from each schema's name to what they name", async () => {
  await using visit = await Visit.begun();
  await open(visit);
  const shown = await visit.page.locator("#operations article h3").allInnerTexts();
  assertEquals(shown, SUMMARIES);
  const dead = await visit.page.evaluate<string[]>(
    `[...document.querySelectorAll("a[href^='#']")].map(({ hash }) => hash).filter((hash) => !document.querySelector(hash))`,
  );
  assertEquals(dead, []);
  await visit.page.getByRole("navigation").getByText("Close a target's connections").click();
  assert(visit.page.url().endsWith("/docs#disconnect"));
});

test("Docs give commands that the service understands", async () => {
  await using visit = await Visit.begun();
  await open(visit);
  const command = await visit.page.locator("#notify details[open] pre").innerText();
  const [, body] = /-d '(.*)'$/.exec(command) ?? [];
  assert(command.startsWith(`curl ${visit.service.url}/v1/notify \\`), command);
  await visit.service.notify(JSON.parse(body ?? ""));
});

test("Docs that are opened at a part show that part", async () => {
  await using visit = await Visit.begun();
  await open(visit, "/docs#token");
  const { page } = visit;
  await page.waitForFunction("document.getElementById('token').getBoundingClientRect().top < 100");
});

test("Docs have every row of a table in a few lines, but for those with an example", async () => {
  await using visit = await Visit.begun();
  await open(visit);
  const tall = await visit.page.evaluate<string[]>(
    `[...document.querySelectorAll("tr:not(:has(pre))")].filter(({ offsetHeight }) => offsetHeight > 85).map(({ innerText }) => innerText)`,
  );
  assertEquals(tall, []);
});

for (const look of Object.keys(LOOKS) as Look[]) {
  test(`Docs can be seen and reached by everybody: ${look}`, async () => {
    await using visit = await Visit.begun({}, { look });
    await open(visit);
    const [wide, window] = await visit.page.evaluate<number[]>(
      "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
    );
    assertEquals(wide, window, "nothing is cut off");
    await visit.isAccessible(`docs_${look}`);
  });
}
