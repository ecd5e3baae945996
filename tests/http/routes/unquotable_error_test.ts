/** Calls of gRPC-Web whose error would quote half a surrogate pair. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { TestService } from "../../end_to_end/test_service.ts";

function frame(json: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(json), framed = new Uint8Array(5 + text.length);
  new DataView(framed.buffer).setUint32(1, text.length);
  framed.set(text, 5);
  return framed;
}

async function call(url: string, method: string, ...messages: readonly string[]): Promise<Response> {
  return await fetch(`${url}/tidings.v1.PublisherService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+json" },
    body: new Blob(messages.map(frame)),
  });
}

const NOTIFICATION = '{"target":"alexander","data":1}';

for (
  const [method, wrong] of [["Notify", '{"ttl":"\\ud800"}'], [
    "NotifyMany",
    '{"notifications":[{"ttl":"\\ud800"}]}',
  ]] as const
) {
  Deno.test(`${method} of gRPC-Web answers a number that is half a surrogate pair with an error, and not with 500`, async () => {
    await using service = await TestService.start();
    const response = await call(service.url, method, wrong);
    assertEquals([response.status, response.headers.get("content-type")], [200, "application/grpc-web+json"]);
    const text = await response.text();
    assertStringIncludes(text, "grpc-status: 3");
    assertStringIncludes(text, "a message has text that is not well-formed");
  });
}

Deno.test("Publish of gRPC-Web ends with an error after what it has answered", async () => {
  await using service = await TestService.start();
  const response = await call(
    service.url,
    "Publish",
    `{"notifications":[${NOTIFICATION}]}`,
    '{"notifications":[{"ttl":"\\ud800"}]}',
  );
  const text = await response.text();
  assertEquals(response.status, 200);
  assertStringIncludes(text, '"position"');
  assertStringIncludes(text, "grpc-status: 3");
});

Deno.test("Notify of gRPC-Web refuses a target with half a surrogate pair as it refuses any that is none", async () => {
  await using service = await TestService.start();
  const text = await (await call(service.url, "Notify", '{"target":"\\ud800","data":1}')).text();
  assertStringIncludes(text, "grpc-status: 3");
});
