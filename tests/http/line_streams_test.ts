/** LineStreams behind a real server: what arrives in pieces, too slowly, for ever, or not to the end. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LineStreams, type LineStreamsDeps } from "../../src/http/line_streams.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { eventually } from "../eventually.ts";
import { testIntake } from "../sources/test_intake.ts";
import { bearer } from "./auth/signed_token.ts";
import { LineClient } from "./line_client.ts";
import { CONFIG, createTestApp, PUBLISHER_KEY } from "./test_app.ts";

const KEY = bearer(PUBLISHER_KEY);

function line(data: unknown): string {
  return `{"target":"alexander","data":${JSON.stringify(data)}}\n`;
}

/** A service whose time a test moves on. */
class LineService implements AsyncDisposable {
  readonly delivered: unknown[] = [];
  readonly reported: unknown[];
  readonly queue = { size: 0, capacity: 16_384 };
  readonly #stopping = new AbortController();
  readonly #streams: LineStreams;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(options: Pick<LineStreamsDeps, "limits" | "large"> = {}) {
    const feed = {
      offer: ({ text }: { text: string }) => this.delivered.push(JSON.parse(text).data) > 0,
      gap() {},
    };
    const journal = new MemoryJournal(feed, { ...CONFIG.retention, perTarget: 100_000, bytes: 100_000_000 });
    journal.follow("alexander");
    this.reported = [];
    this.#streams = new LineStreams({
      stopping: this.#stopping.signal,
      report: (error) => void this.reported.push(error),
      ...options,
    });
    const isDraining = () => this.#stopping.signal.aborted;
    const intake = testIntake({ journal, queue: this.queue, isDraining });
    const { app } = createTestApp({ intake, streams: this.#streams });
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1/notify`;
  }

  open(headers: Record<string, string> = {}): Promise<LineClient> {
    return LineClient.open(this.#server.addr.port, { ...KEY, ...headers });
  }

  tick(count: number): void {
    for (let ticks = 0; ticks < count; ticks++) this.#streams.tick();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("LineStreams answers a line while the request goes on, with the id KEY.i", async () => {
  await using service = new LineService();
  using client = await service.open({ "idempotency-key": '"k"' });
  for (const index of [0, 1, 2]) {
    await client.send(line(index));
    assertEquals((await client.next())?.id, `k.${index}`);
    assertEquals(service.delivered.length, index + 1);
  }
  await client.send('{"target":"alexander",');
  await client.send(`"data":"half"}\r\n\r\n\n${line("two")}${line("three").trimEnd()}`);
  await client.finish();
  assertEquals((await client.rest()).map(({ id }) => id), ["k.3", "k.4", "k.5"]);
  assertEquals(service.delivered, [0, 1, 2, "half", "two", "three"]);
});

Deno.test("LineStreams answers a line that is bad, and goes on", async () => {
  await using service = new LineService();
  using client = await service.open();
  const half = new TextEncoder().encode(`{"target":"alexander","data":"🗽"}\n`).filter((byte) =>
    byte !== 0xbd
  );
  await client.send("not JSON\n");
  await client.send(half);
  await client.send('{"target":"","data":1}\n[]\n');
  await client.send(line("good"));
  const large = "x".repeat(128 * 1024);
  for (let sent = 0; sent < 16; sent++) await client.send(large); // 2 MiB
  await client.send(`\n${line("after it")}`);
  await client.finish();
  const answers = await client.rest();
  assertEquals(answers.map(({ status = 202 }) => status), [400, 400, 422, 422, 202, 413, 202]);
  assertEquals(service.delivered, ["good", "after it"]);
});

Deno.test("LineStreams lets others have a turn before many lines, and before a large one", async () => {
  const owners: string[] = [];
  const large = { turn: (owner: string) => Promise.resolve(void owners.push(owner)) };
  await using service = new LineService({ large });
  using client = await service.open();
  await client.send(line("one") + line("two"));
  await client.next();
  await client.next();
  assertEquals(owners, []);
  await client.send(line("x".repeat(40_000)));
  await client.next();
  assertEquals(owners, ["key-1"]);
  await client.send(line(1).repeat(300));
  await client.finish();
  assertEquals((await client.rest()).length, 300);
  assertEquals(owners.length > 1, true);
});

Deno.test("LineStreams keeps the whole lines of a request that is aborted, and nothing else", async () => {
  for (const rest of ['{"target":"alexander","data":"part"', line("no line feed").trimEnd()]) {
    await using service = new LineService();
    {
      using client = await service.open();
      await client.send(line(1) + line(2) + rest);
      assertEquals([await client.next(), await client.next()].length, 2);
    }
    using another = await service.open();
    await another.send(line(3));
    await another.next();
    await another.finish();
    assertEquals(await another.rest(), []);
    assertEquals([service.delivered, service.reported], [[1, 2, 3], []]);
  }
});

Deno.test("LineStreams keeps nothing of a last line that a Content-Length says is longer", async () => {
  await using service = new LineService();
  const body = new TextEncoder().encode(line(1) + line(2).trimEnd());
  {
    const { hostname, port } = new URL(service.url);
    using peer = await Deno.connect({ hostname, port: Number(port) });
    const head = `POST /v1/notify HTTP/1.1\r\nHost: x\r\nAuthorization: ${KEY.authorization}\r\n` +
      `Content-Type: application/x-ndjson\r\nContent-Length: ${body.length + 1}\r\n\r\n`;
    await peer.write(new TextEncoder().encode(head));
    await peer.write(body);
    await eventually(() => service.delivered.length === 1, "the first line is kept");
  }
  using client = await service.open();
  await client.send(line(3));
  await client.next();
  await client.finish();
  await client.rest();
  assertEquals(service.delivered, [1, 3]);
});

Deno.test("LineStreams ends a stream in which nothing arrives for 60 seconds, and says so", async () => {
  await using service = new LineService();
  using client = await service.open();
  await client.send(line(1));
  await client.next();
  service.tick(59);
  await client.send("\n"); // an empty line keeps the stream open
  await client.send(line(2));
  await client.next();
  service.tick(59);
  await client.send(line(3));
  await client.next();
  service.tick(60);
  const [{ type, status } = {}, ...more] = await client.rest();
  assertEquals([type, status, more], ["urn:tidings:problem:timeout", 408, []]);
  assertEquals([service.delivered, service.reported], [[1, 2, 3], []]);
});

/** Sends lines and reads no answers, until nothing more can be sent, and nothing more is delivered. */
async function sendUntilStuck(client: LineClient, { delivered }: LineService): Promise<void> {
  const many = line("x".repeat(10)).repeat(1_000);
  let sent = 0, before = "", polls = 0;
  void (async () => {
    for (;; sent++) await client.send(many);
  })().catch(() => {}); // the test closes the connection
  await eventually(() => {
    const state = `${sent} ${delivered.length}`;
    polls = state === before && sent > 0 ? polls + 1 : 0;
    before = state;
    return polls === 20;
  }, "the client cannot send any more");
}

Deno.test("LineStreams stops reading from a client that reads no answers, and gives it up after 60 seconds", async () => {
  const budget = { capacity: 1_000_000, share: 1_000_000 };
  await using service = new LineService({ limits: { streams: 1, lineBytes: 1_000, budget } });
  using client = await service.open();
  await sendUntilStuck(client, service);
  const before = service.delivered.length;
  await assertRejects(() => service.open(), Error, "503");
  service.tick(60);
  await eventually(async () => {
    using another = await service.open().catch(() => null);
    return another !== null;
  }, "the stream is no longer counted");
  assertEquals([service.delivered.length, service.reported], [before, []]);
  const answers = await client.rest();
  assertEquals(
    [answers.length, answers.at(-1)?.status],
    [before + 1, 408],
    "each line that is kept is answered",
  );
});

Deno.test("LineStreams answers what it has when the service stops, and ends", async () => {
  await using service = new LineService();
  using idle = await service.open();
  using busy = await service.open();
  await busy.send(line(1));
  assertEquals((await busy.next())?.status, undefined);
  service.stop();
  assertEquals([await idle.rest(), await busy.rest()], [[], []]);
  await assertRejects(() => service.open(), Error, "503");
});

Deno.test("LineStreams waits for room, and answers 503 to the first line that gets none when the service stops", async () => {
  await using service = new LineService();
  using client = await service.open();
  service.queue.size = service.queue.capacity;
  await client.send(line(1));
  const answer = client.next();
  await client.send(line(2));
  service.queue.size = 0;
  assertEquals((await answer)?.status, undefined);
  assertEquals((await client.next())?.status, undefined);
  service.queue.size = service.queue.capacity;
  await client.send(line(3));
  await client.send(line(4));
  const refused = client.rest();
  await eventually(() => service.delivered.length === 2, "both are delivered");
  service.stop();
  const statuses = (await refused).map(({ status }) => status);
  assert(statuses.every((status) => status === 503) && statuses.length <= 1, `${statuses}`);
  assertEquals(service.delivered, [1, 2]);
});

Deno.test("LineStreams refuses a stream too many, and a compressed one, before it reads them", async () => {
  const budget = { capacity: 1_000_000, share: 1_000_000 };
  await using service = new LineService({ limits: { streams: 2, lineBytes: 1_000, budget } });
  await assertRejects(() => service.open({ "content-encoding": "gzip" }), Error, "415");
  {
    using _one = await service.open();
    using _two = await service.open();
    const { message } = await assertRejects(() => service.open(), Error);
    assertMatch(message, /^HTTP\/1\.1 503 /);
    assertMatch(message, /^retry-after: 1\r$/m);
  }
  let client: LineClient | null = null;
  await eventually(async () => {
    client = await service.open().catch(() => null);
    return client !== null;
  }, "the streams that were cut are no longer counted");
  (client as LineClient | null)?.[Symbol.dispose]();
});

Deno.test("LineStreams lets no stream without a key begin, and answers a body that is empty", async () => {
  await using service = new LineService();
  await assertRejects(() => service.open({ authorization: "Bearer wrong" }), Error, "401");
  await assertRejects(() => service.open({ "idempotency-key": '"a", "b"' }), Error, "400");
  for (const body of ["", "\n\r\n", null]) {
    const headers = { ...KEY, "content-type": "application/x-ndjson; charset=utf-8" };
    const response = await fetch(service.url, { method: "POST", headers, body });
    assertEquals([response.status, await response.text()], [200, ""]);
  }
});
