/** The limits of publishers' keys, over real sockets: whatever the way in, and on one node and on three. */

import { Code, ConnectError } from "@connectrpc/connect";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { eventually } from "../eventually.ts";
import { assertProblem } from "../http/assert_problem.ts";
import { LineClient } from "../http/line_client.ts";
import { test } from "../nats/nats_server.ts";
import { createPublisherClient, WAYS } from "../sources/rpc/rpc_clients.ts";
import { Cluster } from "./cluster.ts";
import { PublisherPeer } from "./publisher_peer.ts";
import { TestService } from "./test_service.ts";
import { WAYS_IN } from "./ways_in.ts";

const NEVER = "0.01"; // a token comes back after 100 seconds, so not during a test
const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";
const HAMILTON = "h".repeat(32), BURR = "b".repeat(32);
const SECRETS = {
  TIDINGS_SCOPED_KEYS: `hamilton:publish:${HAMILTON},burr:publish+read:${BURR}`,
  TIDINGS_TOKEN_SECRET: "t".repeat(32),
};

function startWith(limits: string, more: Record<string, string> = {}): Promise<TestService> {
  return TestService.start({ TIDINGS_KEY_LIMITS: limits, ...more });
}

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/notify`, { method: "POST", body: JSON.stringify(body), headers });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const notification = { target: "alexander", data: 1 };

async function limitedTotal({ url }: { url: string }, headers = {}): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const samples = text.matchAll(/^tidings_limited_total\{limit="([\w-]+)"(?:,key="([\w-]+)")?\} (\d+)$/gm);
  return Object.fromEntries(
    [...samples].map(([, limit, key = "", count]) => [`${limit} ${key}`, Number(count)]),
  );
}

for (const { name, publish } of WAYS_IN.filter(({ source }) => source !== "ndjson")) {
  Deno.test(`The service counts the notifications that come by ${name}, and refuses those beyond the limit`, async () => {
    await using service = await startWith(`notifications=${NEVER}:2`);
    for (const id of ["a", "b"]) {
      assertEquals((await publish(service, { target: "alexander", data: 1, id })).status, undefined);
    }
    const { type, status } = await publish(service, { target: "alexander", data: 1, id: "c" });
    assertEquals([type, status], [QUOTA_EXCEEDED, 429]);
    assertEquals(await limitedTotal(service), { "key-notifications anyone": 1 });
  });
}

for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
  Deno.test(`The service counts the notifications of calls by ${way}, and answers RESOURCE_EXHAUSTED beyond the limit`, async () => {
    await using service = await startWith(`notifications=${NEVER}:3`);
    const client = createPublisherClient({ way, baseUrl: service.url, key: null, fetch });
    const one = { target: "alexander", content: { case: "dataJson", value: "1" } } as const;
    await client.notifyMany({ notifications: [one, one] });
    const many = await assertRejects(() => client.notifyMany({ notifications: [one, one] }), ConnectError);
    assertEquals([many.code, many.metadata.get("retry-after")], [Code.ResourceExhausted, "100"]);
    async function* requests() {
      yield { notifications: [one] };
      yield { notifications: [one] };
    }
    const answers = await Array.fromAsync(client.publish(requests()));
    assertEquals(answers.map(({ problem }) => problem?.type), [undefined, QUOTA_EXCEEDED]);
    const { code } = await assertRejects(() => client.notify(one), ConnectError);
    assertEquals(code, Code.ResourceExhausted);
  });
}

Deno.test("The service says in both fields how long a batch has to wait for all of its notifications", async () => {
  await using service = await startWith(`notifications=${NEVER}:5`);
  await service.notify(Array.from({ length: 4 }, () => notification));
  const batch = await post(service.url, Array.from({ length: 3 }, () => notification));
  await assertProblem(batch, "429 quota-exceeded");
  const fields = ["retry-after", "ratelimit"].map((name) => batch.headers.get(name));
  assertEquals(fields, ["200", '"key-notifications";r=1;t=200']);
});

Deno.test("The service counts each notification of an array, and each of its targets, and takes all of them or none", async () => {
  await using service = await startWith(`notifications=${NEVER}:100`);
  await service.notify(Array.from({ length: 60 }, () => notification));
  await service.notify({ targets: ["alexander", "burr", "angelica"], data: 1 });
  await assertProblem(
    await post(service.url, Array.from({ length: 38 }, () => notification)),
    "429 quota-exceeded",
  );
  await service.notify({ targets: Array.from({ length: 37 }, (_, n) => `${n}`), data: 1 });
  await assertProblem(await post(service.url, notification), "429 quota-exceeded");
});

Deno.test("The service refuses for good what is more than the limit at once", async () => {
  await using service = await startWith(`notifications=${NEVER}:2`);
  const body = { targets: ["alexander", "burr", "angelica"], data: 1 };
  const { detail } = await assertProblem(await post(service.url, body), "422 does-not-fit");
  assertEquals(
    detail,
    "the key anyone may send 2 notifications at once, each target counted; the request has 3",
  );
  using lines = await LineClient.open(service.port);
  await lines.send(`${JSON.stringify(body)}\n${JSON.stringify(notification)}\n`);
  assertEquals([(await lines.next())?.status, (await lines.next())?.status], [422, undefined]);
});

Deno.test("The service describes the limits of a key in its answers, and says how long to wait", async () => {
  await using service = await startWith(`requests=${NEVER}:3,notifications=${NEVER}:5`);
  const { headers: asked } = await drained(await fetch(`${service.url}/v1/key`));
  const policy = '"key-requests";q=3;w=300, "key-notifications";q=5;qu="notifications";w=500';
  assertEquals(asked.get("ratelimit-policy"), policy);
  assertEquals(asked.get("ratelimit"), '"key-requests";r=2;t=100, "key-notifications";r=5');
  const { headers: many } = await post(service.url, [notification, notification]).then(drained);
  assertEquals([many.get("ratelimit"), many.get("retry-after")], [null, null]); // half was left when it came
  const invalid = await drained(await post(service.url, {}));
  assertEquals([invalid.status, invalid.headers.get("ratelimit")], [
    ...[422, '"key-requests";r=0;t=100, "key-notifications";r=3;t=100'],
  ]);
  const refused = await post(service.url, notification);
  assertEquals(refused.headers.get("ratelimit"), '"key-requests";r=0;t=100, "key-notifications";r=3;t=100');
  assertEquals([refused.headers.get("ratelimit-policy"), refused.headers.get("retry-after")], [
    policy,
    "100",
  ]);
  const members = await assertProblem(refused, "429 quota-exceeded");
  assertEquals<unknown>(members, {
    detail: "the key anyone may send 0.01 requests a second, and 3 at once",
    "violated-policies": ["key-requests"],
    retry_after: 100,
  });
});

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

for (const [limit, body] of [["requests", ""], ["notifications", ""]] as const) {
  Deno.test(`The service refuses by the limit of ${limit} before the body has arrived`, async () => {
    await using service = await startWith(`${limit}=${NEVER}:1`);
    await service.notify(notification);
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: service.port });
    const head =
      `POST /v1/notify HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nContent-Length: 1000\r\n\r\n${body}`;
    await connection.write(new TextEncoder().encode(head));
    const buffer = new Uint8Array(1_000), length = await connection.read(buffer);
    assert(new TextDecoder().decode(buffer.subarray(0, length ?? 0)).startsWith("HTTP/1.1 429 "));
  });
}

Deno.test("The service limits each key alone, with its own limit or that of all", async () => {
  await using service = await startWith(`requests=${NEVER}:1,burr/requests=1000`, SECRETS);
  assertEquals((await drained(await post(service.url, notification, bearer(HAMILTON)))).status, 202);
  await assertProblem(await post(service.url, notification, bearer(HAMILTON)), "429 quota-exceeded");
  for (let n = 0; n < 20; n++) {
    assertEquals((await drained(await post(service.url, notification, bearer(BURR)))).status, 202);
  }
  const limited = { "key-requests hamilton": 1, "key-requests burr": 0, "attempts ": 0 };
  assertEquals(await limitedTotal(service, bearer(BURR)), limited);
});

Deno.test("The service answers a frame beyond the limit with a problem, and keeps the socket of the publisher open", async () => {
  await using service = await startWith(`requests=1000,notifications=${NEVER}:4`);
  await using peer = await PublisherPeer.open(service.port);
  const frames = [
    [notification, notification],
    Array(3).fill(notification),
    notification,
    "no JSON",
    notification,
  ];
  for (const frame of frames) peer.send(frame);
  const answers = await peer.take(5);
  assertEquals(answers.map(({ status }) => status), [undefined, 429, undefined, 400, undefined]);
  assertEquals<unknown>(answers[1], {
    type: QUOTA_EXCEEDED,
    title: "Request cannot be satisfied as assigned quota has been exceeded",
    status: 429,
    detail: "the key anyone may send 0.01 notifications a second, and 4 at once",
    "violated-policies": ["key-notifications"],
    retry_after: 100,
  });
});

Deno.test("The service counts each frame of a publisher's socket as a request, and the upgrade too", async () => {
  await using service = await startWith(`requests=${NEVER}:3`);
  await using peer = await PublisherPeer.open(service.port);
  for (const _ of [1, 2, 3]) peer.send(notification);
  assertEquals((await peer.take(3)).map(({ status }) => status), [undefined, undefined, 429]);
});

Deno.test("The service has lines wait for the limit, in order, and refuses none of them", async () => {
  await using service = await startWith("notifications=100:5");
  using lines = await LineClient.open(service.port);
  const started = performance.now(), ids = Array.from({ length: 15 }, (_, n) => `line-${n}`);
  for (const id of ids) await lines.send(`${JSON.stringify({ ...notification, id })}\n`);
  for (const id of ids) assertEquals((await lines.next())?.id, id);
  assert(performance.now() - started >= 90, "the last ten have to wait for 10 ms each");
  await lines.finish();
  assertEquals(await lines.next(), null);
  assert(((await limitedTotal(service))["key-notifications anyone"] ?? 0) > 0);
});

Deno.test("The service answers lines that wait for the limit with 503 when it stops", async () => {
  await using service = await startWith(`notifications=${NEVER}:1`);
  using lines = await LineClient.open(service.port);
  await lines.send(`${JSON.stringify(notification)}\n`);
  assertEquals((await lines.next())?.status, undefined);
  await lines.send(`${JSON.stringify(notification)}\n`);
  await eventually(
    async () => (await limitedTotal(service))["key-notifications anyone"] === 1,
    "a line that waits",
  );
  const stopping = service.stop();
  assertEquals((await lines.next())?.status, 503);
  assertEquals(await lines.next(), null);
  await stopping;
});

test(
  "Three nodes take a key's requests from the limits of all of them within a heartbeat",
  async () => {
    await using cluster = await Cluster.start(3, {
      TIDINGS_KEY_LIMITS: `requests=1000:10000,notifications=${NEVER}:30`,
    });
    const remaining = async (index: number) => {
      const { headers } = await drained(await fetch(`${cluster.node(index).url}/v1/key`));
      return /"key-notifications";r=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1];
    };
    for (const index of [0, 1, 2]) await cluster.waitForReadiness(index, 200);
    await drained(await post(cluster.node(0).url, Array(12).fill(notification)));
    for (const index of [0, 1, 2]) {
      await eventually(
        async () => await remaining(index) === "18",
        "18 are left",
      );
    }
    await drained(await post(cluster.node(1).url, Array(18).fill(notification)));
    for (const index of [0, 1, 2]) {
      await eventually(
        async () => await remaining(index) === "0",
        "none is left",
      );
    }
    await assertProblem(await post(cluster.node(2).url, notification), "429 quota-exceeded");
  },
);
