/** check: what would fail, found in a process of its own. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { CheckFinding } from "../../src/cli/checks/check_finding.ts";
import { EXIT } from "../../src/cli/call/failure.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { NATS_SERVER, NatsServer } from "../nats/nats_server.ts";
import { PostgresServer, test as testWithPostgres } from "../postgres/postgres_server.ts";
import { tidings } from "./command.ts";

/** Few enough connections for the limit of any machine. */
const FEW = { PORT: "0", TIDINGS_MAX_CONNECTIONS: "10", TIDINGS_RETENTION_BYTES: "1048576" };
const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: `sha256:${"0".repeat(64)}`,
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};

/** Runs `check` with a journal in a new folder, and returns its findings by what was checked. */
async function check(
  environment: Record<string, string>,
  prepare: (folder: string) => void | Promise<void> = () => {},
): Promise<{ code: number; ok: boolean; findings: CheckFinding[] }> {
  const folder = await Deno.makeTempDir();
  try {
    await prepare(folder);
    const journal = { TIDINGS_JOURNAL: `sqlite:${folder}/journal.db` };
    const options = { environment: { ...FEW, ...SECRETS, ...journal, ...environment }, folder };
    const { code, stdout } = await tidings(["check", "--json"], options);
    return { code, ...JSON.parse(stdout) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Fails unless a finding has the status and contains the text. */
function assertFound(findings: readonly CheckFinding[], status: CheckFinding["status"], text: string): void {
  const all = findings.map((finding) => `${finding.status} ${finding.check}: ${finding.message}`).join("\n");
  assert(findings.some((one) => one.status === status && one.message.includes(text)), all);
}

Deno.test("check knows TIDINGS_WORKERS, and that a journal on NATS has no use for it", async () => {
  const { ok } = await check({ TIDINGS_WORKERS: "auto", TIDINGS_MAX_MEMORY_BYTES: `${2 ** 29}` });
  assertEquals(ok, true);
  const { code, findings } = await check({ TIDINGS_WORKERS: "2", TIDINGS_JOURNAL: "nats://127.0.0.1:1" });
  assertEquals(code, EXIT.failed);
  assertFound(findings, "fail", "TIDINGS_WORKERS: must be 1 with a journal on NATS");
});

Deno.test("check finds nothing wrong with a configuration that can start, and leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  const environment = {
    ...FEW,
    ...SECRETS,
    TIDINGS_MAX_MEMORY_BYTES: `${2 ** 29}`,
    TIDINGS_JOURNAL: `sqlite:${folder}/new/and/deep/journal.db`,
    TIDINGS_KEY: "of the command line",
  };
  const { code, stdout, stderr } = await tidings(["check"], { environment, folder });
  assertEquals([code, stderr], [EXIT.ok, ""], stdout);
  const checked = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/).slice(0, 2).join(" "));
  assertEquals(checked, [
    ...["ok configuration", "ok port", "ok folder", "ok journal", "skip clock", "ok open files", "ok memory"],
  ]);
  assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  await Deno.remove(folder);
});

Deno.test("check names every variable that is invalid, and ends with 1", async () => {
  const environment = { PORT: "many", TIDINGS_DEMOS: "on" };
  const { code, stdout, stderr } = await tidings(["check"], { environment });
  assertEquals([code, stderr], [EXIT.failed, "tidings: 2 of 2 checks failed\n"]);
  assertStringIncludes(stdout, "fail  configuration  PORT: expected a whole number");
  assertStringIncludes(stdout, "fail  configuration  TIDINGS_DEMOS: there is no such variable");
});

Deno.test("check warns of development mode and of a key that can be guessed", async () => {
  const none = { TIDINGS_PUBLISHER_KEYS: "", TIDINGS_TOKEN_SECRET: "" };
  assertFound((await check(none)).findings, "warn", "for development");
  assertFound(
    (await check({ TIDINGS_PUBLISHER_KEYS: "short" })).findings,
    "warn",
    "fewer than 16 characters",
  );
});

Deno.test("check finds a port that another program uses", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked = hangUp(listener);
  const { code, ok, findings } = await check({ PORT: `${listener.addr.port}` });
  await asked;
  assertEquals([code, ok], [EXIT.failed, false]);
  assertFound(findings, "fail", `cannot listen on 127.0.0.1, port ${listener.addr.port}`);
});

Deno.test("check finds an admin port that another program uses", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked = hangUp(listener);
  const { code, findings } = await check({ TIDINGS_ADMIN_PORT: `${listener.addr.port}` });
  await asked;
  assertEquals(code, EXIT.failed);
  assertFound(findings, "fail", `cannot listen on 127.0.0.1, port ${listener.addr.port}`);
  assertEquals(findings.filter(({ status }) => status === "fail").map(({ check }) => check), ["admin port"]);
});

/** Hangs up on whoever asks what it is. */
async function hangUp(listener: Deno.TcpListener): Promise<void> {
  (await listener.accept()).close();
}

Deno.test("check recognises the service that runs, and that it uses the journal", async () => {
  const folder = await Deno.makeTempDir();
  const journal = { ...SECRETS, TIDINGS_JOURNAL: `sqlite:${folder}/journal.db` };
  await using service = await ServiceProcess.start(journal, { folder });
  const { code, stdout } = await tidings(["check"], {
    environment: { ...FEW, ...journal, PORT: `${service.port}` },
    folder,
  });
  assertEquals(code, EXIT.ok, stdout);
  assertStringIncludes(stdout, "is in use by the service");
  const elsewhere = await tidings(["check"], { environment: { ...FEW, ...journal }, folder });
  assertEquals(elsewhere.code, EXIT.failed);
  assertStringIncludes(elsewhere.stdout, "is in use by another process");
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0); // it was not disturbed
  await Deno.remove(folder, { recursive: true });
});

Deno.test("check finds a file that is no journal", async () => {
  const text = await check(
    {},
    (folder) => Deno.writeTextFile(`${folder}/journal.db`, "no database".repeat(100)),
  );
  assertEquals(text.code, EXIT.failed);
  assertFound(text.findings, "fail", "the file is not a database");
  const foreign = await check({}, (folder) => {
    const database = new DatabaseSync(`${folder}/journal.db`);
    database.exec("CREATE TABLE other (one INTEGER)");
    database.close();
  });
  assertFound(foreign.findings, "fail", "it is a database of another program");
});

Deno.test("check finds a folder that it may not write to", async () => {
  const { code, findings } = await check({ TIDINGS_JOURNAL: "sqlite:/proc/tidings/journal.db" });
  assertEquals(code, EXIT.failed);
  assertFound(findings, "fail", "/proc/tidings cannot be written");
});

Deno.test("check finds that fewer files can be opened than connections are configured", async () => {
  const environment = { ...FEW, TIDINGS_JOURNAL: "memory:", TIDINGS_MAX_CONNECTIONS: "300" };
  const options = { environment: { ...environment, ...SECRETS }, openFiles: 300 };
  const few = await tidings(["check"], options);
  assertEquals(few.code, EXIT.failed);
  assertMatch(few.stdout, /^fail {2}open files {5}only \d+ more can be opened, and 300 connections/m);
  const inDevelopment = await tidings(["check"], { ...options, environment });
  assertEquals(inDevelopment.code, EXIT.ok);
  assertMatch(inDevelopment.stdout, /^warn {2}open files /m);
  assertEquals((await tidings(["check"], { ...options, openFiles: 1_000 })).code, EXIT.ok);
});

Deno.test("check warns if the memory does not suffice for what is configured", async () => {
  const little = await check({ TIDINGS_MAX_MEMORY_BYTES: `${2 ** 26}` });
  assertFound(little.findings, "warn", "the limit is 64 MiB");
  assertEquals(little.code, EXIT.ok);
});

Deno.test("check fetches the key set, asks the webhooks for their headers, and compares the clocks", async () => {
  const methods: string[] = [];
  let response = () => Response.json({ keys: [{}] });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ method }) => {
    methods.push(method);
    return response();
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const environment = {
    TIDINGS_TOKEN_SECRET: "",
    TIDINGS_TOKEN_JWKS_URL: `${url}/keys`,
    TIDINGS_MESSAGE_WEBHOOK_URL: `${url}/hook`,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${btoa("x".repeat(32))}`,
    TIDINGS_PRESENCE_WEBHOOK_URL: `${url}/presence`,
    TIDINGS_PRESENCE_WEBHOOK_SECRET: `whsec_${btoa("y".repeat(32))}`,
  };
  const sound = await check(environment);
  assertEquals(sound.code, EXIT.ok);
  assertFound(sound.findings, "ok", "/keys has 1 keys");
  assertFound(sound.findings, "ok", "/hook can be reached");
  assertFound(sound.findings, "ok", "/presence can be reached");
  assertFound(sound.findings, "ok", "it agrees with that of 127.0.0.1");
  assertEquals(methods.toSorted(), ["GET", "HEAD", "HEAD"]);
  const late = new Date(Date.now() - 3_600_000).toUTCString();
  response = () => new Response("no keys", { headers: { date: late } });
  const broken = await check(environment);
  assertEquals(broken.code, EXIT.failed);
  assertFound(broken.findings, "fail", "has no key set");
  assertFound(broken.findings, "fail", "ms ahead of that of 127.0.0.1");
  await server.shutdown();
  const gone = await check(environment);
  assertFound(gone.findings, "fail", "/keys cannot be reached: ");
  assertFound(gone.findings, "fail", "/hook cannot be reached: ");
  assertFound(gone.findings, "fail", "/presence cannot be reached: ");
  assertFound(gone.findings, "skip", "nothing that the service uses");
});

NATS_SERVER.test("check finds NATS with JetStream and its stream, without it, and not at all", async () => {
  await using nats = await NatsServer.started();
  const environment = { TIDINGS_JOURNAL: nats.url(), TIDINGS_QUEUE: `${nats.url()}-queue` };
  const sound = await check(environment);
  assertEquals(sound.code, EXIT.ok);
  assertFound(sound.findings, "ok", "with JetStream");
  assertFound(sound.findings, "ok", "the stream tidings does not exist yet");
  assertFound(sound.findings, "ok", "the stream tidings-queue does not exist yet");
  await nats.stop();
  await nats.enableJetStream(false);
  await nats.start();
  const without = await check(environment);
  assertEquals(without.code, EXIT.failed);
  assertFound(without.findings, "fail", "NATS cannot be used: ");
  await nats.stop();
  assertFound((await check(environment)).findings, "fail", "cannot connect to 127.0.0.1:");
});

testWithPostgres("check finds PostgreSQL with the outbox table, without it, and not at all", async () => {
  await using sound = await PostgresServer.started();
  await using empty = await PostgresServer.started({ schema: "" });
  const urlOf = ({ port }: PostgresServer) => `postgres://postgres@127.0.0.1:${port}/postgres`;
  const found = await check({ TIDINGS_OUTBOX: urlOf(sound) });
  assertEquals(found.code, EXIT.ok);
  assertFound(found.findings, "ok", "has the table, and its rights");
  assertFound(found.findings, "ok", "it agrees with that of PostgreSQL");
  const without = await check({ TIDINGS_OUTBOX: urlOf(empty) });
  assertEquals(without.code, EXIT.failed);
  assertFound(without.findings, "fail", "there is no table");
  await sound.stop();
  assertFound((await check({ TIDINGS_OUTBOX: urlOf(sound) })).findings, "fail", "PostgreSQL at 127.0.0.1:");
});
