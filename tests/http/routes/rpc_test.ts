/** rpc: PublisherService by Connect and gRPC-Web. What it accepts, what it refuses, and how. */

import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ProblemDetailsSchema } from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";
import { createPublisherClient, type PublisherClient, WAYS } from "../../sources/rpc/rpc_clients.ts";
import { BodyReader } from "../../../src/http/body_reader.ts";
import { bearer } from "../auth/signed_token.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { NotifyClient } from "./notify_client.ts";
import { JSON_TYPE, post } from "./rpc_call.ts";

const DATA = { title: "Hello, Alexander Hamilton!", n: [1.5, true, null] };
const CONTENT = { case: "data", value: fromJson(ValueSchema, DATA) } as const;
const HELLO = { target: "alexander", content: CONTENT } as const;

type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS).filter((name): name is Way => name in WAYS);

function clientOf(app: NotifyClient, way: Way, key: string | null = PUBLISHER_KEY): PublisherClient {
  return createPublisherClient({
    way,
    baseUrl: "http://localhost",
    key,
    fetch: (request) => app.request(request),
  });
}

/** Returns the code, the kind of the problem, and the path of its first violation. */
async function refusalOf(call: Promise<unknown>): Promise<[string, string | undefined, string | undefined]> {
  const error = await assertRejects(() => call, ConnectError);
  const [problem] = error.findDetails(ProblemDetailsSchema);
  assertEquals(error.rawMessage, problem?.detail);
  return [Code[error.code], problem?.type.replace("urn:tidings:problem:", ""), problem?.errors[0]?.path];
}

for (const way of NAMES) {
  Deno.test(`rpc publishes a notification by ${way}`, async () => {
    const app = new NotifyClient();
    const { id, position, expires, notifications } = await clientOf(app, way).notify(HELLO);
    assertEquals(app.delivered, [["alexander", DATA]]);
    assertEquals([id !== undefined, position, notifications], [true, app.entries[0]?.position, []]);
    assert(Number(expires?.seconds) > Date.now() / 1000);
  });

  Deno.test(`rpc publishes many notifications by ${way}, and answers in their order`, async () => {
    const app = new NotifyClient();
    const { notifications } = await clientOf(app, way).notifyMany({
      notifications: [
        { target: "alexander", content: { case: "dataJson", value: "[1.10]" } },
        { everyone: true, content: CONTENT, id: "mine", ttl: 60, topic: "greeting", urgency: "high" },
        { targets: ["burr", "alexander"], content: CONTENT },
      ],
    });
    assertEquals(notifications.map(({ target, position }) => [target, position]), [
      ...[["alexander"], [undefined], ["burr"], ["alexander"]].map(([target], index) => [
        target,
        app.entries[index]?.position,
      ]),
    ]);
    assertEquals(notifications[1]?.id, "mine");
    assertStringIncludes(app.entries[0]?.text ?? "", '"data":[1.10]');
    const { topic, urgency } = JSON.parse(app.entries[1]?.text ?? "");
    assertEquals([topic, urgency], ["greeting", "high"]);
  });

  Deno.test(`rpc takes ids from Idempotency-Key by ${way}`, async () => {
    const client = clientOf(new NotifyClient(), way), headers = { "idempotency-key": '"k 1"' };
    assertEquals((await client.notify(HELLO, { headers })).id, "k 1");
    const { notifications } = await client.notifyMany({ notifications: [HELLO, HELLO] }, { headers });
    assertEquals(notifications.map(({ id }) => id), ["k 1.0", "k 1.1"]);
    assertEquals(await refusalOf(client.notify(HELLO, { headers: { "idempotency-key": '""' } })), [
      ...["InvalidArgument", "bad-request", undefined] as const,
    ]);
  });

  Deno.test(`rpc refuses calls by ${way} with the problem that /v1/notify has`, async () => {
    const app = new NotifyClient(), client = clientOf(app, way);
    assertEquals(await refusalOf(client.notify({ content: CONTENT })), [
      "InvalidArgument",
      "does-not-fit",
      "",
    ]);
    assertEquals(await refusalOf(client.notify({ target: "a" })), [
      "InvalidArgument",
      "does-not-fit",
      "data",
    ]);
    const two = { notifications: [HELLO, { target: "", content: CONTENT }] };
    assertEquals(await refusalOf(client.notifyMany(two)), ["InvalidArgument", "does-not-fit", "1.target"]);
    assertEquals(await refusalOf(client.notifyMany({})), ["InvalidArgument", "does-not-fit", ""]);
    const large = { target: "a", content: { case: "dataJson", value: `"${"x".repeat(65_535)}"` } } as const;
    assertEquals(await refusalOf(client.notify(large)), ["ResourceExhausted", "too-large", undefined]);
    assertEquals(app.entries, []);
    await client.notify({ ...HELLO, id: "1" });
    const other = { target: "burr", content: CONTENT, id: "1" };
    assertEquals(await refusalOf(client.notify(other)), ["AlreadyExists", "id-conflict", "id"]);
  });

  Deno.test(`rpc refuses calls by ${way} without a key, before it reads the body`, async () => {
    let wasRead = false;
    const app = new NotifyClient();
    const client = createPublisherClient({
      way,
      baseUrl: "http://localhost",
      key: "another key",
      fetch(request) {
        const { body } = request;
        const unread = new ReadableStream({
          async pull(controller) {
            wasRead = true;
            for await (const chunk of body ?? []) controller.enqueue(chunk);
            controller.close();
          },
        }, { highWaterMark: 0 });
        return app.request(new Request(request, { body: unread }));
      },
    });
    assertEquals(await refusalOf(client.notify(HELLO)), ["Unauthenticated", "not-authorized", undefined]);
    assertEquals(wasRead, false);
  });

  Deno.test(`rpc has clients by ${way} come back while the node stops`, async () => {
    const app = new NotifyClient();
    app.isDraining = true;
    const error = await assertRejects(() => clientOf(app, way).notify(HELLO), ConnectError);
    assertEquals([error.code, error.metadata.get("retry-after")], [Code.Unavailable, "1"]);
  });
}

Deno.test("rpc takes the JSON of /v1/notify as it is, with every digit", async () => {
  const app = new NotifyClient();
  const body = '{"target":"alexander","data":[12345678901234567890, 1.10],"ttl":60}';
  const response = await post(app, "Notify", { body, headers: JSON_TYPE });
  const answer = await response.json();
  assertEquals([response.status, Object.keys(answer)], [200, ["id", "position", "expires"]]);
  assertStringIncludes(app.entries[0]?.text ?? "", '"data":[12345678901234567890, 1.10]');
});

Deno.test("rpc accepts parameters of a JSON type, and answers in JSON", async () => {
  const headers = { "content-type": "application/json; charset=utf-8", "connect-protocol-version": "1" };
  const body = JSON.stringify({ notifications: [{ target: "alexander", data: 1 }] });
  const response = await post(new NotifyClient(), "NotifyMany", { body, headers });
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  const { notifications } = await response.json();
  assertEquals(notifications.length, 1);
});

Deno.test("rpc lets others have a turn after every 25 messages of a stream", async () => {
  const owners: string[] = [], reader = new BodyReader({ isDraining: () => false });
  const bodies = {
    read: reader.read.bind(reader),
    readBytes: reader.readBytes.bind(reader),
    turn: (owner: string) => Promise.resolve(void owners.push(owner)),
  };
  const { app } = createTestApp({ bodies });
  const message = [0, 0, 0, 0, 2, ...new TextEncoder().encode("{}")]; // refused: it has no notification
  const response = await app.request("/tidings.v1.PublisherService/Publish", {
    method: "POST",
    headers: { ...bearer(PUBLISHER_KEY), "content-type": "application/connect+json" },
    body: new Uint8Array(Array.from({ length: 60 }, () => message).flat()),
  });
  assertEquals((await response.text()).match(/does-not-fit/g)?.length, 60);
  assertEquals(owners, ["key-1", "key-1"]);
});
