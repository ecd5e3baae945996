/** The demo page before the eyes of a real browser, on the real service. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { serve } from "../../main.ts";
import { type Config, configFrom } from "../../src/config.ts";

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
const PANES = ["Alexander’s laptop", "Alexander’s tablet", "Alexander’s desktop", "Burr"];
const SECRETS = { TIDINGS_PUBLISHER_KEYS: "the key", TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };

const isMissing = !isFile(CHROMIUM);
if (isMissing) console.log(`No test of the demo page: no Chromium at ${CHROMIUM} (the variable CHROMIUM).`);

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
