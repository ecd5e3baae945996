/** Tokens: what the page's function may return, and when it is asked again. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { connect } from "../../src/client/client.ts";
import { subjectOf } from "../../src/client/tab_election.ts";
import { askForToken } from "../../src/client/token.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { countedTokens } from "./fake_answers.ts";
import { FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

function setUp() {
  const faults: string[] = [], controller = new AbortController();
  const deps = { onError: (message: string) => void faults.push(message), signal: controller.signal };
  const ask = (token: () => unknown) => askForToken(token as () => string, deps);
  return { ask, faults, controller };
}

Deno.test("askForToken trims what surrounds a token", async () => {
  const { ask, faults } = setUp();
  for (const text of ["a.b-c_d.e", "a.b-c_d.e\n", " \ta.b-c_d.e\r\n", "\uFEFFa.b-c_d.e"]) {
    assertEquals(await ask(() => text), "a.b-c_d.e");
    assertEquals(await ask(() => Promise.resolve(text)), "a.b-c_d.e");
  }
  assertEquals(faults, []);
});

const NO_TOKENS: unknown[] = [
  ...[
    "<html><title>Sign in</title></html>",
    "a\u0000b",
    "a b",
    "a\nb",
    '"quoted"',
    '{"token":"t"}',
    "é",
    "",
    " \n",
  ],
  ...[undefined, {}, new Response("t")],
];

for (const value of NO_TOKENS) {
  Deno.test(`askForToken reports that ${Deno.inspect(value)} is no token`, async () => {
    const { ask, faults } = setUp();
    const { message } = await assertRejects(() => ask(() => value), Error);
    assertStringIncludes(message, "response.ok");
    assertEquals(faults, [message]);
  });
}

Deno.test("askForToken passes on null and what the function throws, and calls it without arguments", async () => {
  const { ask, faults } = setUp();
  assertEquals(await ask(() => null), null);
  await assertRejects(() => ask(() => Promise.reject(new Error("502"))), Error, "502");
  const fail = () => {
    throw new Error("503");
  };
  await assertRejects(() => ask(fail), Error, "503");
  assertEquals(await ask((...all: unknown[]) => `t${all.length}`), "t0");
  assertEquals(faults, []);
});

Deno.test("askForToken gives up after 15 seconds, and at once when its signal aborts", async () => {
  using time = new FakeTime();
  const { ask, controller } = setUp();
  const never = () => new Promise(() => {});
  const late = assertRejects(() => ask(never), Error, "token()");
  await time.tickAsync(15_000);
  await late;
  const aborted = assertRejects(() => ask(never));
  controller.abort();
  await aborted;
});

Deno.test("subjectOf reads the subject of a JWT, and takes any other token for itself", () => {
  const payload = btoa(JSON.stringify({ sub: "alexander?>" })).replaceAll("+", "-").replaceAll("/", "_");
  assertEquals(subjectOf(`h.${payload}.s`), "alexander?>");
  assertEquals(subjectOf("opaque"), "opaque");
});

Deno.test("Reconnector asks for another token after every attempt that brought no welcome", async () => {
  await using service = new FakeService(({ isUpgrade, accept, token }) =>
    token === "token-3" ? accept() : new Response("Bad gateway", { status: isUpgrade ? 500 : 502 })
  );
  await using tidings = connect(service.url, { token: countedTokens().token });
  const events = new RecordedEvents(tidings);
  for (const times of [1, 2]) {
    await events.waitFor("waiting", times);
    dispatchEvent(new Event("online"));
  }
  await events.waitFor("open");
  assertEquals(service.requests.map(({ token }) => token), [
    ...["token-1", "token-1", "token-2", "token-2", "token-3"],
  ]);
});

Deno.test("TidingsClient reports a page of HTML in place of a token, and asks again", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const answers = ["<html>502 Bad Gateway</html>", "token"];
  await using tidings = connect(service.url, { token: () => answers.shift() ?? "" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("waiting");
  dispatchEvent(new Event("online"));
  await events.waitFor("open");
  assertEquals(events.all, ["error", "waiting", "connecting", "open"]);
  assertEquals(service.requests.map(({ token }) => token), ["token"]);
});

for (const share of [false, true]) {
  Deno.test(`TidingsClient ${share ? "that shares " : ""}closes for good when the user has signed out`, async () => {
    await using service = new FakeService(({ accept }) => accept());
    let token: string | null = share ? null : "token";
    await using tidings = connect(service.url, { share, token: () => token });
    const events = new RecordedEvents(tidings);
    let status: number | undefined;
    tidings.addEventListener("error", ({ detail }) => status = detail.status);
    if (!share) {
      await events.waitFor("open");
      token = null;
      service.connection.close(CLOSE.tokenExpired.code);
    }
    await events.waitFor("error final");
    assertEquals(status, 401);
    assertStringIncludes(tidings.status.reason, "signed out");
    assertEquals(service.requests.length, share ? 0 : 1);
  });
}
