/** rpc: what it refuses of calls that no library makes, and in which form. */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { NotifyClient } from "./notify_client.ts";
import { BINARY, JSON_TYPE, post, urlOf } from "./rpc_call.ts";

const HELLO_BYTES = new BinaryWriter().tag(1, WireType.LengthDelimited).string("alexander")
  .tag(5, WireType.LengthDelimited).string("1").finish();

Deno.test("rpc answers a refused call of Connect with the same for gRPC in its headers", async () => {
  const response = await post(new NotifyClient(), "Notify", { body: new Uint8Array(), headers: BINARY });
  const { code, message } = await response.json();
  assertEquals([response.status, code, message.slice(0, 11)], [400, "invalid_argument", "data: is re"]);
  const { headers } = response;
  assertEquals([headers.get("content-type"), headers.get("grpc-status")], ["application/json", "3"]);
  assertEquals(decodeURIComponent(headers.get("grpc-message") ?? ""), message);
  assert(headers.has("grpc-status-details-bin"));
});

Deno.test("rpc keeps the headers for gRPC small, however much is wrong", async () => {
  const notification = { target: "", data: 1, ["ü".repeat(200)]: 1 };
  const body = JSON.stringify({ notifications: Array(20).fill(notification) });
  const { headers } = await post(new NotifyClient(), "NotifyMany", { body, headers: JSON_TYPE });
  const size = [...headers].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  assert(size < 8_192, `${size}`);
});

const UNKNOWN_FIELD = new BinaryWriter().tag(99, WireType.Varint).uint32(1).finish();

Deno.test("rpc refuses what no library sends", async () => {
  const app = new NotifyClient();
  const cases: readonly [string, BodyInit | null, Record<string, string>, number, string][] = [
    ["a field that this server does not know", UNKNOWN_FIELD, BINARY, 400, "does-not-fit"],
    ["a field of 5 GB", Uint8Array.of(10, 0x80, 0xe4, 0x97, 0xd0, 0x12), BINARY, 400, "bad-request"],
    ["what is neither", "target=alexander", BINARY, 400, "does-not-fit"],
    ["an array", "[]", JSON_TYPE, 400, "does-not-fit"],
    ["what is not JSON", "{", JSON_TYPE, 400, "not-json"],
    ["an announcement of 5 GB", "{}", { ...BINARY, "content-length": "5000000000" }, 429, "too-large"],
    [
      "a compressed message",
      HELLO_BYTES,
      { ...BINARY, "content-encoding": "gzip" },
      501,
      "unsupported-encoding",
    ],
  ];
  for (const [what, body, headers, status, kind] of cases) {
    const response = await post(app, "Notify", { body, headers });
    const { details: [detail] } = await response.json();
    assertEquals([response.status, detail.debug.type], [status, `urn:tidings:problem:${kind}`], what);
  }
  assertEquals(app.entries, []);
});

Deno.test("rpc refuses a content type that it does not support with 415, and names those that it does", async () => {
  for (
    const [method, type] of [
      ["Notify", "text/plain"],
      ["Notify", "application/connect+proto"],
      ["Notify", "application/grpc-web-text"],
      ["Publish", "application/proto"],
      ["Publish", "application/grpc-web-text+proto"],
    ]
  ) {
    const headers = { "content-type": type ?? "" };
    const response = await post(new NotifyClient(), method ?? "", { body: HELLO_BYTES, headers });
    assertStringIncludes(response.headers.get("accept-post") ?? "", "application/grpc-web+proto");
    await assertProblem(response, "415 unsupported-type");
  }
});

Deno.test("rpc tells clients of gRPC that they need a proxy, in the one form that needs no trailers", async () => {
  for (const type of ["application/grpc", "application/grpc+proto"]) {
    const response = await post(new NotifyClient(), "Notify", {
      body: HELLO_BYTES,
      headers: { "content-type": type },
    });
    const { headers } = response;
    assertEquals([response.status, await response.text()], [200, ""]);
    assertEquals([headers.get("content-type"), headers.get("grpc-status")], ["application/grpc", "12"]);
    assertStringIncludes(decodeURIComponent(headers.get("grpc-message") ?? ""), "Envoy");
  }
});

Deno.test("rpc answers a GET of Connect with 405", async () => {
  const url = `${urlOf("Notify")}?connect=v1&encoding=json&message=%7B%7D`;
  const response = await new NotifyClient().request(new Request(url));
  assertEquals(response.headers.get("allow"), "POST");
  await assertProblem(response, "405 method-not-allowed");
});

Deno.test("rpc answers a method that there is not with 404", async () => {
  await assertProblem(
    await post(new NotifyClient(), "Nothing", { body: null, headers: BINARY }),
    "404 not-found",
  );
});
