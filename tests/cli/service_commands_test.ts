/** token, notify, report, targets and listen, with a service that requires a key. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { EXIT } from "../../src/cli/call/failure.ts";
import { FakeNode } from "../deploy/fake_node.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { eventually } from "../eventually.ts";
import { type CommandOptions, type Ended, spawnTidings, tidings } from "./command.ts";

const KEY = "a-key-of-the-backend-for-tests";
const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: KEY,
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};

/** A service, and the command line that knows its key. */
class Operated implements AsyncDisposable {
  readonly service: ServiceProcess;

  private constructor(service: ServiceProcess) {
    this.service = service;
  }

  static async start(): Promise<Operated> {
    return new Operated(await ServiceProcess.start(SECRETS));
  }

  get environment(): Record<string, string> {
    return { TIDINGS_URL: this.service.url, TIDINGS_KEY: KEY };
  }

  /** Runs a command, which must never print the key. */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    const ended = await tidings(args, {
      ...options,
      environment: { ...this.environment, ...options.environment },
    });
    assert(!(ended.stdout + ended.stderr).includes(KEY));
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
  }
}

Deno.test("token prints a token with which a browser can connect, and its expiry as JSON", async () => {
  await using operated = await Operated.start();
  const { code, stdout } = await operated.run(["token", "alexander", "--expires-in", "60"]);
  assertEquals(code, EXIT.ok);
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  const response = await fetch(`${operated.service.url}/v1/connect?target=alexander`, { headers });
  await response.body?.cancel();
  assertEquals(response.status, 426); // only the upgrade is missing
  const { token, expires_at } = JSON.parse((await operated.run(["token", "alexander", "--json"])).stdout);
  assertMatch(token, /^ey/);
  assert(Date.parse(expires_at) > Date.now() + 3_000_000);
});

Deno.test("notify sends its argument or standard input unchanged, and report shows what became of it", async () => {
  await using operated = await Operated.start();
  const data = '{"number":12345678901234567890}';
  const options = ["--id", "n1", "--ttl", "600", "--topic", "t", "--urgency", "high"];
  assertEquals(await operated.run(["notify", "alexander", data, ...options]), {
    code: EXIT.ok,
    stdout: "n1\n",
    stderr: "",
  });
  const piped = await operated.run(["notify", "alexander", "--json"], { stdin: `${data}\n` });
  const { id } = JSON.parse(piped.stdout);
  const headers = { authorization: `Bearer ${KEY}` };
  const kept = await fetch(`${operated.service.url}/v1/targets/alexander/notifications`, { headers });
  const text = await kept.text();
  assertEquals(text.match(/"number":12345678901234567890/g)?.length, 2, text);
  assertStringIncludes(text, '"urgency":"high"');
  const report = await operated.run(["report", "n1"]);
  assertMatch(report.stdout, /^notification +n1\n(.*\n)*sent +to 0 connections\nacked +by 0 connections\n/);
  assertEquals(JSON.parse((await operated.run(["report", id, "--json"])).stdout).id, id);
});

Deno.test("notify sends a notification at a time, and report says when", async () => {
  await using operated = await Operated.start();
  const at = new Date(Date.now() + 3_600_000).toISOString();
  await operated.run(["notify", "alexander", "1", "--id", "later", "--at", at]);
  assertStringIncludes((await operated.run(["report", "later"])).stdout, `scheduled     ${at}`);
});

Deno.test("notify waits for an ack, and then shows the report", async () => {
  await using operated = await Operated.start();
  const { stdout } = await operated.run(["token", "alexander"]);
  const tab = connect(operated.service.url, { token: () => stdout.trim() }); // it acks
  await new Promise((resolve) =>
    tab.addEventListener("state", ({ detail }) => detail.state === "open" && resolve(0))
  );
  const waited = await operated.run(["notify", "alexander", "1", "--wait", "60"]);
  assertMatch(waited.stdout, /acked +by 1 connection, first after \d+ ms\n/);
  await tab.close();
});

Deno.test("listen prints what arrives, acks nothing, and ends after --count", async () => {
  await using operated = await Operated.start();
  const listening = spawnTidings(
    ["listen", "alexander", "--json", "--count", "2", "--after", "earliest"],
    operated,
  );
  const { id } = JSON.parse((await operated.run(["notify", "alexander", '"first"', "--json"])).stdout);
  await operated.run(["notify", "alexander", '"second"', "--id", "second"]);
  const { code, stdout } = await listening.output();
  await listening.stdin.close();
  assertEquals(code, EXIT.ok);
  const received = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(received.map(({ data }) => data), ["first", "second"]);
  assertEquals(received[0].id, id);
  const { sent, acked } = JSON.parse((await operated.run(["report", "second", "--json"])).stdout);
  assertEquals([sent, acked], [1, 0]);
});

Deno.test("targets tells when a target without connections was last seen", async () => {
  await using operated = await Operated.start();
  const listening = spawnTidings(["listen", "alexander", "--count", "1"], operated);
  const said = listening.stderr.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await said.read()).value, "listening for notifications to alexander\n");
  await operated.run(["notify", "alexander", "1"]);
  assertEquals((await listening.status).code, EXIT.ok);
  await Promise.all([said.cancel(), listening.stdout.cancel(), listening.stdin.close()]);
  await eventually(async () => {
    const { stdout } = await operated.run(["targets", "alexander"]);
    return /^alexander has no connection, and was last seen at \d{4}-[\d-]+T[\d:.]+Z\n$/.test(stdout);
  }, "the target is gone");
});

Deno.test("targets lists the connections of a target, as a table or as JSON", async () => {
  await using operated = await Operated.start();
  assertEquals((await operated.run(["targets", "alexander"])).stdout, "alexander has no connection\n");
  const listening = spawnTidings(["listen", "alexander"], operated);
  const said = listening.stderr.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await said.read()).value, "listening for notifications to alexander\n");
  const { stdout } = await operated.run(["targets", "alexander"]);
  assertMatch(stdout, /^connection +transport +connected at +state +node\n\S+ +websocket +\S+ +live +\S+\n$/);
  const { connections } = JSON.parse((await operated.run(["targets", "alexander", "--json"])).stdout);
  assertEquals(connections.length, 1);
  listening.kill("SIGINT");
  assertEquals((await listening.status).signal, "SIGINT");
  await Promise.all([said.cancel(), listening.stdout.cancel(), listening.stdin.close()]);
});

Deno.test("listen ends with 1 if the service closes the connection for good", async () => {
  await using operated = await Operated.start();
  const listening = spawnTidings(["listen", "alexander"], operated);
  const said = listening.stderr.pipeThrough(new TextDecoderStream()).getReader();
  await said.read(); // it is connected
  const headers = { authorization: `Bearer ${KEY}` };
  const url = `${operated.service.url}/v1/targets/alexander/connections`;
  await (await fetch(url, { method: "DELETE", headers })).body?.cancel();
  assertEquals((await listening.status).code, EXIT.failed);
  await Promise.all([said.cancel(), listening.stdout.cancel(), listening.stdin.close()]);
});

for (
  const args of [
    ["token", "alexander"],
    ["notify", "alexander", "1"],
    ["listen", "alexander"],
    ["report", "id"],
    ["targets", "alexander"],
  ]
) {
  Deno.test(`${args[0]} ends with 4 and a sentence if the key is missing or is not accepted`, async () => {
    await using operated = await Operated.start();
    const without = await operated.run(args, { environment: { TIDINGS_KEY: "" } });
    assertEquals([without.code, without.stdout], [EXIT.unauthorized, ""]);
    assertStringIncludes(without.stderr, "Set TIDINGS_KEY");
    const wrong = await operated.run(args, { environment: { TIDINGS_KEY: "another-key-that-is-not-known" } });
    assertEquals([wrong.code, wrong.stdout], [EXIT.unauthorized, ""]);
    assertStringIncludes(wrong.stderr, "does not accept the configured key");
    assert(!wrong.stderr.includes("another-key"));
  });

  Deno.test(`${args[0]} ends with 3 and a sentence if the service cannot be reached`, async () => {
    const environment = { TIDINGS_URL: `http://127.0.0.1:${await unusedPort()}`, TIDINGS_KEY: KEY };
    const { code, stdout, stderr } = await tidings(args, { environment });
    assertEquals([code, stdout], [EXIT.unreachable, ""]);
    assertMatch(stderr, /^tidings: cannot reach http:\/\/127\.0\.0\.1:\d+: .*Connection refused.*\n$/);
  });
}

Deno.test("The commands show the detail of a refusal, and end with 1", async () => {
  await using operated = await Operated.start();
  const unknown = await operated.run(["report", "unknown"]);
  assertEquals([unknown.code, unknown.stdout], [EXIT.failed, ""]);
  assertStringIncludes(unknown.stderr, "tidings: Not found (404): notification unknown is unknown");
  const invalid = await operated.run(["notify", "", "1"]);
  assertEquals(invalid.code, EXIT.failed);
  assertStringIncludes(invalid.stderr, "(422): target: ");
});

Deno.test("notify refuses what is not JSON with 2 before it calls the service", async () => {
  const environment = { TIDINGS_URL: "http://127.0.0.1:9" };
  const argument = await tidings(["notify", "alexander", "Hello"], { environment });
  assertEquals([argument.code, argument.stdout], [EXIT.usage, ""]);
  assertStringIncludes(argument.stderr, "Quote it for the shell");
  const piped = await tidings(["notify", "alexander", "-"], { environment, stdin: "{" });
  assertEquals(piped.code, EXIT.usage);
  assertStringIncludes(piped.stderr, "the notification is not JSON");
});

for (
  const [status, code] of [
    [503, EXIT.unreachable],
    [502, EXIT.unreachable],
    [429, EXIT.unreachable],
    [500, EXIT.failed],
    [302, EXIT.failed],
  ] as const
) {
  Deno.test(`A page of a proxy with the status ${status} ends a command with ${code}`, async () => {
    const headers = { "location": "http://other.example/" };
    await using proxy = new FakeNode(() => new Response("<html>", { status, headers }));
    const ended = await tidings(["targets", "a"], {
      environment: { TIDINGS_URL: `http://127.0.0.1:${proxy.port}` },
    });
    assertEquals([ended.code, ended.stdout], [code, ""]);
    assertMatch(ended.stderr, new RegExp(`answered ${status} .*, and leads to http://other.example/\n$`));
  });
}

Deno.test("An answer that is not of Tidings ends a command with 1", async () => {
  await using other = new FakeNode(() => Response.json({ hello: "world" }));
  const ended = await tidings(["targets", "a"], {
    environment: { TIDINGS_URL: `http://127.0.0.1:${other.port}` },
  });
  assertEquals([ended.code, ended.stdout], [EXIT.failed, ""]);
  assertStringIncludes(ended.stderr, "does TIDINGS_URL lead to it?");
});

async function unusedPort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await Promise.resolve(listener.close());
  return port;
}

Deno.test("revoke revokes the tokens of a target or one token, and prints the answer as JSON", async () => {
  await using operated = await Operated.start();
  const { token, jti } = JSON.parse((await operated.run(["token", "alexander", "--json"])).stdout);
  const statusOf = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${operated.service.url}/v1/inbox`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await statusOf(token), 200);
  const one = await operated.run(["revoke", "--jti", jti]);
  assertEquals([one.code, one.stdout], [EXIT.ok, `revoked the token ${jti}\n`]);
  assertEquals(await statusOf(token), 401);
  const second = (await operated.run(["token", "alexander"])).stdout.trim();
  const all = await operated.run(["revoke", "alexander"]);
  assertEquals(all.code, EXIT.ok);
  assertMatch(all.stdout, /^revoked the tokens of alexander that were issued before 20\S+Z\n$/);
  assertEquals(await statusOf(second), 401);
  const times = ["--issued-before", "2026-01-01T00:00:00Z", "--expires-at", "2126-01-01T00:00:00Z"];
  const { stdout } = await operated.run(["revoke", "eliza", ...times, "--json"]);
  const { target, issued_before, kept_until } = JSON.parse(stdout);
  assertEquals([target, issued_before, kept_until], [
    "eliza",
    "2026-01-01T00:00:00.000Z",
    "2126-01-01T00:01:00.000Z",
  ]);
});

Deno.test("revoke refuses what names neither or both of a target and a jti, and passes on what the service refuses", async () => {
  await using operated = await Operated.start();
  for (const args of [[], ["alexander", "--jti", "1"]]) {
    const { code, stderr } = await operated.run(["revoke", ...args]);
    assertEquals(code, EXIT.usage);
    assertStringIncludes(stderr, "either a target or --jti is required");
  }
  const both = await operated.run(["revoke", "--jti", "1", "--issued-before", "2026-01-01T00:00:00Z"]);
  assertEquals(both.code, EXIT.usage);
  const refused = await operated.run(["revoke", "alexander", "--issued-before", "yesterday"]);
  assertEquals(refused.code, EXIT.failed);
  assertStringIncludes(refused.stderr, "issued_before");
});

Deno.test("erase erases a target, and says so, also as JSON", async () => {
  await using operated = await Operated.start();
  await operated.run(["notify", "alexander", "1"]);
  const { code, stdout } = await operated.run(["erase", "alexander"]);
  assertEquals([code, stdout], [EXIT.ok, "erased alexander\n"]);
  const headers = { authorization: `Bearer ${KEY}` };
  const kept = await fetch(`${operated.service.url}/v1/targets/alexander/notifications`, { headers });
  assertEquals((await kept.json()).notifications, []);
  assertEquals(JSON.parse((await operated.run(["erase", "a/b", "--json"])).stdout), {
    target: "a/b",
    erased: true,
  });
  const wrong = await operated.run(["erase", "alexander"], { environment: { TIDINGS_KEY: "another-key" } });
  assertEquals([wrong.code, wrong.stdout], [EXIT.unauthorized, ""]);
});
