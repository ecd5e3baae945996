/** useNotifications in a real browser, with the real React. */

import { assertEquals } from "@std/assert";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { bundle } from "../../src/client/package/bundle.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { launchBrowser, test } from "./chromium.ts";

/** Bundles the application. esbuild looks for packages in node_modules, and Deno keeps them elsewhere. */
async function bundleApp(): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const dom = resolve("react-dom/client");
  const packages = {
    "react": resolve("react"),
    "react-dom/client": dom,
    "react-dom": resolve("react-dom"),
    "scheduler": createRequire(dom).resolve("scheduler"),
  };
  return await bundle([
    new URL("react_app.ts", import.meta.url).pathname,
    '--define:process.env.NODE_ENV="development"', // StrictMode then mounts everything twice
    ...Object.entries(packages).map(([name, path]) => `--alias:${name}=${path}`),
  ]);
}

async function waitForText(page: Page, text: string): Promise<void> {
  await page.locator("main").filter({ hasText: text }).waitFor();
}

test("useNotifications connects while its component is mounted, keeps the newest, and reconnects for another target", async () => {
  await using service = await TestService.start();
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  const shown: string[] = [];
  page.on("console", (message) => shown.push(message.text()));
  await page.goto(`${service.url}/healthz`);
  await page.addScriptTag({ content: await bundleApp(), type: "module" });
  await waitForText(page, "alexander:  (open,there,0,well)");
  await service.waitForConnections(1); // StrictMode mounts twice, and unmounts the first
  for (const data of [1, 2, 3, 4]) await service.notify({ target: "alexander", data });
  await waitForText(page, "alexander: 4,3,2 (open,there,0,well)");

  await page.getByRole("button", { name: "Burr" }).click();
  await waitForText(page, "burr:  (open,there,0,well)");
  assertEquals(
    shown.filter((text) => text.includes("closed")),
    [],
    "the component never shows the closed connection",
  );
  await service.waitForConnections(0, "alexander");
  await service.notify({ target: "burr", data: 5 });
  await waitForText(page, "burr: 5 (open,there,0,well)");

  await page.getByRole("button", { name: "Nobody" }).click();
  await waitForText(page, "..:  (closed,there,0,400)");

  await page.getByRole("button", { name: "Away" }).click();
  await service.waitForConnections(0);
  assertEquals(errors, []);
  await browser.close();
});

test("useInbox shows the inbox of the connection, and begins anew with another one", async () => {
  await using service = await TestService.start();
  for (const data of [1, 2]) await service.notify({ target: "hamilton", data });
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  await page.goto(`${service.url}/healthz`);
  await page.addScriptTag({ content: await bundleApp(), type: "module" });
  await page.getByRole("button", { name: "Hamilton" }).click();
  await waitForText(page, "inbox of hamilton: 2,1 (2, ready)");
  await page.getByRole("button", { name: "Read all" }).click();
  await waitForText(page, "inbox of hamilton: (2),(1) (0, ready)");
  await service.notify({ target: "hamilton", data: 3 });
  await waitForText(page, "inbox of hamilton: 3,(2),(1) (1, ready)");
  await page.getByRole("button", { name: "Burr" }).click();
  await service.waitForConnections(0, "hamilton");
  await page.getByRole("button", { name: "Hamilton" }).click();
  await waitForText(page, "inbox of hamilton: 3,(2),(1) (1, ready)");
  assertEquals(errors, []);
  await browser.close();
});
