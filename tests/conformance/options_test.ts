/** Tests of the command line: its options, its output and its exit codes. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { TestService } from "../end_to_end/test_service.ts";
import { OneAnswerServer } from "./fakes/one_answer_server.ts";
import { parseOptions, UsageError } from "./options.ts";

const MAIN = new URL("main.ts", import.meta.url).href;

async function conformance(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-net", MAIN, ...args],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
}

Deno.test("parseOptions reads the URL, the keys and what is known of the server", () => {
  const webhook = [
    "--webhook",
    "http://127.0.0.1:9000",
    "--webhook-secret",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  ];
  const { settings, only, output, isList } = parseOptions(
    [
      "https://a.example/push",
      "--key",
      "k",
      "--secret",
      "s",
      "--only",
      "N9,C",
      "--kept",
      "1000",
      "--json",
      ...webhook,
    ],
  );
  assertEquals([settings.url.href, settings.origin], ["https://a.example/push", "https://a.example"]);
  assertEquals([settings.key, settings.secret, settings.readKey, settings.kept], ["k", "s", null, 1000]);
  assertEquals(settings.webhook?.url.port, "9000");
  assertEquals([only, output, isList], [["N9", "C"], "json", false]);
});

for (
  const args of [
    [],
    ["ftp://a.example"],
    ["http://a", "http://b"],
    ["http://a", "--unknown"],
    ["http://a", "--kept", "x"],
    ["http://a", "--secret", "without a key"],
    ["http://a", "--webhook", "http://b"],
    ["http://a", "--webhook", "http://b", "--webhook-secret", "no"],
  ]
) {
  Deno.test(`parseOptions refuses ${args.join(" ") || "no URL"}`, () => {
    assertThrows(() => parseOptions(args), UsageError);
  });
}

Deno.test("The command prints TAP and exits with 0 if all cases pass, and with 1 if one fails", async () => {
  await using service = await TestService.start();
  const good = await conformance(service.url, "--only", "A1,H1");
  assertEquals([good.code, good.error], [0, ""]);
  assertEquals(good.out.split("\n"), [
    "TAP version 14",
    "ok 1 - A1 A publisher without a known key is 401, and the scheme is case-insensitive # SKIP the server needs keys: --key",
    "ok 2 - H1 /healthz answers 200, and names the version",
    "1..2",
    "# 1 passed, 0 failed, 1 skipped",
    "",
  ]);
  await using other = new OneAnswerServer(() => Response.json({}));
  const bad = await conformance(other.url.href, "--only", "H1");
  assertEquals(bad.code, 1);
  assert(
    /^not ok 1 - H1 .*\n {2}---\n {2}message: ".*`status`.*"\n {2}duration_ms: \d+\n {2}\.\.\.$/m.test(
      bad.out,
    ),
    bad.out,
  );
});

Deno.test("The command prints a line of JSON for each case, and lists what cannot be seen", async () => {
  await using service = await TestService.start();
  const { out } = await conformance(service.url, "--only", "H1", "--json");
  const { rule, outcome, detail } = JSON.parse(out);
  assertEquals([rule, outcome, detail], ["H1", "passed", null]);
  const list = await conformance("--list");
  assertEquals(list.code, 0);
  assert(list.out.includes("\nX1  cannot be seen: it binds clients, not servers\n"), list.out);
  assert(list.out.includes("\nN9  Of a target and topic, only the newest notification is kept\n"), list.out);
});

Deno.test("The command explains an argument that is invalid, and a server that does not answer, and exits with 2", async () => {
  const { code, error } = await conformance("http://127.0.0.1:1", "--only", "ZZ9");
  assertEquals(code, 2);
  assert(error.startsWith("--only: there is no case of ZZ9\n\ndeno task conformance URL"), error);
  const unheard = await conformance("http://127.0.0.1:1");
  assertEquals([unheard.code, unheard.out], [2, ""]);
  assert(unheard.error.startsWith("cannot reach http://127.0.0.1:1/: "), unheard.error);
  const help = await conformance("--help");
  assertEquals([help.code, help.out.startsWith("deno task conformance URL [options]"), help.error], [
    0,
    true,
    "",
  ]);
});
