/** A real browser for tests: Chromium where Debian installs it, or at the path in the variable CHROMIUM. */

import { type Browser, chromium } from "playwright-core";
import { findProgram } from "../find_program.ts";

const CHROMIUM = findProgram("Chromium", { variable: "CHROMIUM", defaultPath: "/usr/bin/chromium" });
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Defines a test that needs a browser. */
export const test: typeof Deno.test | typeof Deno.test.ignore = CHROMIUM.test;

/** Starts a browser with an empty profile. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM.path, args: FLAGS, timeout: 120_000 });
}
