/** useNotifications in a real browser, with the real React. */

import { assertEquals } from "@std/assert";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { built } from "../../src/client/package/bundle.ts";
import { Running } from "../end_to_end/running.ts";
import { launched, test } from "./chromium.ts";

/** The application in one text. esbuild looks for packages in node_modules, and Deno has them elsewhere. */
async function application(): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const dom = resolve("react-dom/client");
  const packages = {
    "react": resolve("react"),
    "react-dom/client": dom,
    "react-dom": resolve("react-dom"),
    "scheduler": createRequire(dom).resolve("scheduler"),
  };
  return await built([
    new URL("react_app.ts", import.meta.url).pathname,
    '--define:process.env.NODE_ENV="development"', // in which StrictMode mounts everything twice
    ...Object.entries(packages).map(([name, path]) => `--alias:${name}=${path}`),
  ]);
}

async function shows(page: Page, text: string): Promise<void> {
  await page.locator("main").filter({ hasText: text }).waitFor();
}

test("useNotifications connects with its component, keeps the newest, follows its target, and ends with it", async () => {
  await using service = await Running.started();
  const browser = await launched();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  const shown: string[] = [];
  page.on("console", (message) => shown.push(message.text()));
  await page.goto(`${service.url}/healthz`);
  await page.addScriptTag({ content: await application(), type: "module" });
  await shows(page, "alexander:  (open,there,0,well)");
  await service.holds(1); // StrictMode mounts twice, and the first is gone again
  for (const data of [1, 2, 3, 4]) await service.notify({ target: "alexander", data });
  await shows(page, "alexander: 4,3,2 (open,there,0,well)");

  await page.getByRole("button", { name: "Burr" }).click();
  await shows(page, "burr:  (open,there,0,well)");
  assertEquals(
    shown.filter((text) => text.includes("closed")),
    [],
    "what was before is no business of what is",
  );
  await service.holds(0, "alexander");
  await service.notify({ target: "burr", data: 5 });
  await shows(page, "burr: 5 (open,there,0,well)");

  await page.getByRole("button", { name: "Nobody" }).click();
  await shows(page, "..:  (closed,there,0,400)");

  await page.getByRole("button", { name: "Away" }).click();
  await service.holds(0);
  assertEquals(errors, []);
  await browser.close();
});
