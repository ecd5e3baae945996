/** A real browser for tests: Debian's Chromium, or the one that CHROMIUM names. */

import { type Browser, chromium } from "playwright-core";

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
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

/** Defines a test that needs a browser. Where tests count (CI is set), one that is not there is no excuse. */
export const test: typeof Deno.test | typeof Deno.test.ignore = canRun() ? Deno.test : Deno.test.ignore;

/** A browser with an empty profile. */
export async function launched(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

function canRun(): boolean {
  if (Deno.env.get("CI") || isThere(CHROMIUM)) return true;
  console.log(
    `What needs a browser is not tested: there is none at ${CHROMIUM}. Set CHROMIUM to where one is.`,
  );
  return false;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
