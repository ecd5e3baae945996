/** Publishing by RPC over real connections: unary calls and streams, over HTTP/1.1 and HTTP/2. */

import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ProblemDetailsSchema,
  PublishRequestSchema,
  type PublishResponse,
} from "../../src/sources/rpc/tidings/v1/publisher_pb.ts";
import { createPublisherClient, type PublisherClient, WAYS } from "../sources/rpc/rpc_clients.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS).filter((name): name is Way => name in WAYS);
const VERSIONS = { "HTTP/1.1": { http2: false }, "HTTP/2": { http1: false } } as const;

interface Bed extends AsyncDisposable {
  readonly service: TestService;
  readonly client: PublisherClient;
}

async function open(way: Way, version: keyof typeof VERSIONS): Promise<Bed> {
  const service = await TestService.start(), http = Deno.createHttpClient(VERSIONS[version]);
  const fetchWith = (request: Request) => fetch(request, { client: http });
  return {
    service,
    client: createPublisherClient({ way, baseUrl: service.url, key: null, fetch: fetchWith }),
    async [Symbol.asyncDispose]() {
      http.close();
      await service.stop();
    },
  };
}

function notification(data: string): { target: string; content: { case: "dataJson"; value: string } } {
  return { target: "alexander", content: { case: "dataJson", value: data } };
}

for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
  for (const way of NAMES) {
    Deno.test(`rpc publishes to a tab by ${way} over ${version}`, async () => {
      await using bed = await open(way, version);
      const { tab } = await Tab.open(bed.service.port, { target: "alexander" });
      await using alexander = tab;
      await bed.client.notify(notification("1"));
      await bed.client.notifyMany({ notifications: [notification("2"), notification("3")] });
      assertEquals(await alexander.data(3), [1, 2, 3]);
    });

    Deno.test(`rpc answers each request of a stream by ${way} over ${version}, also those that it refuses`, async () => {
      await using bed = await open(way, version);
      async function* requests() {
        yield { notifications: [notification("1"), notification("2")] };
        yield { notifications: [{ content: { case: "dataJson", value: "3" } as const }] };
        yield { notifications: [notification("4")] };
      }
      const answers = await Array.fromAsync(
        bed.client.publish(requests(), { headers: { "idempotency-key": "k" } }),
      );
      assertEquals(answers.map(({ notifications }) => notifications.map(({ id }) => id)), [
        ["k.0.0", "k.0.1"],
        [],
        ["k.2.0"],
      ]);
      assertEquals(answers.map(({ problem }) => problem?.type), [
        ...[undefined, "urn:tidings:problem:does-not-fit", undefined],
      ]);
    });
  }
}

type Requests = Parameters<PublisherClient["publish"]>[0];

/** A stream that goes on until the test ends it. */
class OpenStream {
  readonly #waiting: string[] = [];
  readonly #answers: AsyncIterator<PublishResponse>;
  #wake = () => {};
  #isOver = false;

  constructor(client: PublisherClient, signal?: AbortSignal) {
    this.#answers = client.publish(this.#requests(), signal && { signal })[Symbol.asyncIterator]();
  }

  /** Sends a notification, and resolves with the answer to it. */
  async send(data: string): Promise<PublishResponse | undefined> {
    this.#waiting.push(data);
    this.#wake();
    return await this.next();
  }

  async next(): Promise<PublishResponse | undefined> {
    return (await this.#answers.next()).value;
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *#requests(): Requests {
    while (!this.#isOver) {
      for (const data of this.#waiting.splice(0)) yield { notifications: [notification(data)] };
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
  Deno.test(`rpc answers a stream over ${version} while it goes on`, async () => {
    await using bed = await open("Connect in binary", version);
    const stream = new OpenStream(bed.client);
    for (const data of ["1", "2", "3"]) assertEquals((await stream.send(data))?.notifications.length, 1);
    stream.end();
    assertEquals(await stream.next(), undefined);
  });

  Deno.test(`rpc ends a stream over ${version} with UNAVAILABLE when the node stops`, async () => {
    await using bed = await open("Connect in binary", version);
    const stream = new OpenStream(bed.client);
    await stream.send("1");
    const stopped = bed.service.stop();
    const error = await assertRejects(() => stream.next(), ConnectError);
    assertEquals([error.code, error.findDetails(ProblemDetailsSchema)[0]?.status], [Code.Unavailable, 503]);
    stream.end();
    await stopped;
  });
}

const encoder = new TextEncoder();

/** A request of Connect's streams: its envelope, and the message. */
const REQUEST = encodeEnvelope(
  0,
  toBinary(PublishRequestSchema, create(PublishRequestSchema, { notifications: [notification("1")] })),
);

/** Sends a head, `bytes` and not the rest of the body, waits for `awaited`, and disconnects. */
async function cancelled(
  port: number,
  { method, type, bytes, awaited }: {
    method: string;
    type: string;
    bytes: Uint8Array;
    awaited: string | null;
  },
): Promise<void> {
  using connection = await Deno.connect({ port });
  const head = [
    `POST /tidings.v1.PublisherService/${method} HTTP/1.1`,
    "host: 127.0.0.1",
    `content-type: ${type}`,
    "content-length: 100000",
  ];
  await connection.write(encoder.encode(`${head.join("\r\n")}\r\n\r\n`));
  await connection.write(bytes);
  let received = "";
  const chunk = new Uint8Array(4_096), decoder = new TextDecoder();
  while (awaited !== null && !received.includes(awaited)) {
    const count = await connection.read(chunk);
    assert(count !== null, received);
    received += decoder.decode(chunk.subarray(0, count));
  }
}

Deno.test("rpc frees the place of a stream whose client has disconnected, and reads other calls", async () => {
  await using bed = await open("Connect in binary", "HTTP/1.1");
  const { port } = bed.service;
  const stream = { method: "Publish", type: "application/connect+proto" };
  for (let n = 0; n < 1_100; n++) { // more than there are places
    const bytes = n % 2 === 0 ? REQUEST : REQUEST.subarray(0, -1);
    await cancelled(port, { ...stream, bytes, awaited: n % 2 === 0 ? "\r\n\r\n" : null });
  }
  for (let n = 0; n < 50; n++) {
    await cancelled(port, { method: "Notify", type: "application/proto", bytes: REQUEST, awaited: null });
  }
  await bed.client.notify(notification("1"));
  const last = new OpenStream(bed.client);
  assertEquals((await last.send("2"))?.notifications.length, 1);
  last.end();
  assertEquals(await last.next(), undefined);
});
