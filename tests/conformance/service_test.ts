/** The service conforms: the whole suite against a service with keys, and one in development mode. */

import { assert, assertEquals } from "@std/assert";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { obstacleTo } from "./case.ts";
import { freePort } from "./fakes/free_port.ts";
import { type Result, run } from "./runner.ts";
import type { Settings } from "./settings.ts";
import { CASES } from "./suite.ts";

const KEY = "conformance-0123456789abcdef";
const READ_KEY = "conformance-reader-0123456789";
const SECRET = "conformance-secret-of-more-than-32-bytes";
const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const LIMITS = { connections: 20, kept: 1_000 };

/**
 * What Deno does otherwise: it reads the frames, and the service sees only messages. ../runtime_reports/lenient_frames.md
 * is the report. If one of these passes, Deno has been mended, and the line goes.
 */
const OF_DENO = [
  "RFC6455-5.1 A control frame that is not masked fails the connection",
  "RFC6455-5.1 A frame that is not masked fails the connection",
  "RFC6455-5.5 A pong of more than 125 bytes fails the connection",
  "RFC6455-5.5.1 A close with a reason of 124 bytes fails the connection (Autobahn 7.3.6)",
];

const BASE = {
  key: null,
  readKey: null,
  secret: null,
  webhook: null,
  presence: null,
  ...LIMITS,
  patienceSeconds: 31,
  deadlineSeconds: 60,
};

/** A service, and what the suite knows of it. */
async function startService(environment: Record<string, string>): Promise<ServiceProcess> {
  return await ServiceProcess.start({
    TIDINGS_MAX_CONNECTIONS_PER_TARGET: `${LIMITS.connections}`,
    TIDINGS_RETENTION_PER_TARGET: `${LIMITS.kept}`,
    ...environment,
  });
}

function settingsFor({ url }: ServiceProcess, more: Partial<Settings>): Settings {
  return { ...BASE, url: new URL(url), origin: url, ...more };
}

function nameOf({ case: { rule, title } }: Result): string {
  return `${rule} ${title}`;
}

Deno.test("The service conforms, except where Deno does not", async () => {
  const [webhook, presence] = [freePort(), freePort()].map((port) => ({
    url: new URL(`http://127.0.0.1:${port}/`),
    secret: WEBHOOK_SECRET,
  }));
  assert(webhook && presence);
  await using withKeys = await startService({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_SCOPED_KEYS: `reader:read:${READ_KEY}`,
    TIDINGS_TOKEN_SECRET: SECRET,
    TIDINGS_MESSAGE_WEBHOOK_URL: webhook.url.href,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    TIDINGS_PRESENCE_WEBHOOK_URL: presence.url.href,
    TIDINGS_PRESENCE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  });
  await using inDevelopment = await startService({});
  const all = [
    settingsFor(withKeys, { key: KEY, readKey: READ_KEY, secret: SECRET, webhook, presence }),
    settingsFor(inDevelopment, {}),
  ];
  const runs = await Promise.all(all.map((settings) => Array.fromAsync(run(CASES, settings))));
  for (const results of runs) {
    const failed = results.filter(({ outcome }) => outcome === "failed");
    const unexpected = failed.filter((result) => !OF_DENO.includes(nameOf(result)));
    assertEquals(unexpected.map((result) => `${nameOf(result)}: ${result.detail}`), []);
    assertEquals(failed.map(nameOf).toSorted(), OF_DENO, "what Deno does otherwise");
  }
  const left = CASES.filter((one) => all.every((settings) => obstacleTo(one, settings) !== null));
  assert(left.every(({ seconds = 0 }) => seconds > BASE.patienceSeconds), "only patience is missing");
  assertEquals(left.length, 2);
});
