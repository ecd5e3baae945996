/** The suite notices servers that do not conform: those that do nothing, and the service with one rule broken. */

import { assert, assertEquals } from "@std/assert";
import { TestService } from "../end_to_end/test_service.ts";
import type { Case } from "./case.ts";
import { CarelessServer } from "./fakes/careless_server.ts";
import { FAULTS } from "./fakes/faults.ts";
import { FaultyProxy } from "./fakes/faulty_proxy.ts";
import { freePort } from "./fakes/free_port.ts";
import { OneAnswerServer } from "./fakes/one_answer_server.ts";
import { type Result, run } from "./runner.ts";
import type { Settings } from "./settings.ts";
import { VECTOR } from "./standards/standard_webhooks.ts";
import { CASES, casesOf } from "./suite.ts";

const KEY = "conformance-0123456789abcdef";
const SECRET = "conformance-secret-of-more-than-32-bytes";

function settingsOf(url: URL, more: Partial<Settings> = {}): Settings {
  return {
    url,
    key: KEY,
    readKey: KEY,
    secret: SECRET,
    origin: url.origin,
    webhook: null,
    presence: null,
    connections: 20,
    kept: 1_000,
    patienceSeconds: 5,
    deadlineSeconds: 5,
    ...more,
  };
}

async function passedBy(cases: readonly Case[], settings: Settings): Promise<string[]> {
  const results = await Array.fromAsync(run(cases, settings));
  return results.filter(({ outcome }) => outcome !== "failed").map(nameOf);
}

function nameOf({ case: { rule, title }, outcome }: Result): string {
  return `${outcome} ${rule} ${title}`;
}

/** Cases that a server can fail within the patience of these tests, without a webhook. */
function quick({ needs = [], seconds = 0 }: Case): boolean {
  return seconds <= 5 && !needs.includes("webhook") && !needs.includes("presence");
}

for (const isOpen of [false, true]) {
  const kind = isOpen ? "in development mode" : "with keys";
  const needs = isOpen ? ["keys", "secret", "readKey", "no push"] : ["development", "push"];
  const cases = CASES.filter((one) => quick(one) && !one.needs?.some((need) => needs.includes(need)));
  const more = isOpen ? { key: null, readKey: null, secret: null } : {};

  Deno.test(`No case passes both with a server ${kind} that answers everything with 200, and with 404`, async () => {
    await using yes = new OneAnswerServer(() => Response.json({}));
    await using no = new OneAnswerServer(() => Response.json({}, { status: 404 }));
    const accepted = await passedBy(cases, settingsOf(yes.url, more));
    const refused = await passedBy(cases, settingsOf(no.url, more));
    assertEquals(accepted.filter((name) => refused.includes(name)), []);
    assertEquals(accepted, ["passed H2 /readyz answers 200"]);
    assertEquals(refused, []);
  });
}

Deno.test("Each case of RFC 6455 fails with a server that checks nothing, or with one that refuses everything", async () => {
  const cases = casesOf(["RFC6455"]);
  await using careless = new CarelessServer({ isPrim: false });
  await using prim = new CarelessServer({ isPrim: true });
  const [first, second] = await Promise.all(
    [careless, prim].map(async ({ url }) =>
      await passedBy(cases, settingsOf(url, { key: null, secret: null, readKey: null, deadlineSeconds: 2 }))
    ),
  );
  assertEquals(first?.filter((name) => second?.includes(name)), []);
  assertEquals(first?.filter((name) => /fails the connection/.test(name)), []);
});

Deno.test("M2, M4 and the published vector fail if the server signs with another secret", async () => {
  const url = new URL(`http://127.0.0.1:${freePort()}/`);
  await using service = await TestService.start({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: SECRET,
    TIDINGS_MESSAGE_WEBHOOK_URL: url.href,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: VECTOR.secret,
  });
  const rules = ["M2", "M4", "STANDARD-WEBHOOKS-VECTOR"];
  const passed = async (secret: string) =>
    (await passedBy(casesOf(rules), settingsOf(new URL(service.url), { webhook: { url, secret } }))).length;
  assertEquals(await passed(VECTOR.secret), rules.length);
  assertEquals(await passed(`whsec_${btoa("another secret of 32 bytes, or so")}`), 0);
});

for (const { rule, breaks, fault, isOpen = false } of FAULTS) {
  Deno.test(`${rule} fails if ${breaks}`, async () => {
    await using service = await TestService.start(
      isOpen ? {} : { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET },
    );
    const cases = casesOf([rule]).filter(quick);
    const more = isOpen ? { key: null, readKey: null, secret: null } : {};
    const direct = new URL(service.url);
    const before = await Array.fromAsync(run(cases, settingsOf(direct, more)));
    assertEquals(before.filter(({ outcome }) => outcome === "failed"), [], "it passes without the fault");
    await using proxy = new FaultyProxy(service.port, fault);
    const results = await Array.fromAsync(run(cases, settingsOf(proxy.url, { ...more, deadlineSeconds: 2 })));
    assert(results.some(({ outcome }) => outcome === "failed"), "it passes with the fault");
  });
}
