/** The message of a record, as nodes and others may have stored it. */

import { assertEquals } from "@std/assert";
import { headers } from "@nats-io/nats-core";
import { headersOf, parseMessage, type RecordHead } from "../../../src/schedule/nats/record_message.ts";
import { recordSubject } from "../../../src/schedule/nats/schedule_stream.ts";

const HEAD: RecordHead = { state: "waiting", digest: "d", addedAt: 1, dueAt: 2, bytes: 3 };
const MESSAGE = { subject: recordSubject("tidings", "notification a"), seq: 7 };

Deno.test("parseMessage returns what headersOf has written", () => {
  assertEquals(parseMessage({ ...MESSAGE, header: headersOf(HEAD) }), {
    ...HEAD,
    key: "notification a",
    sequence: 7,
  });
});

for (
  const change of [
    ...[{ state: "later" }, { state: undefined }, { digest: 5 }, { addedAt: null }, { dueAt: "soon" }],
    ...[{ bytes: "3" }, { bytes: -1 }, { bytes: 1e300 }, { dueAt: 1e16 }, { addedAt: 1e300 }, {
      bytes: null,
    }],
  ]
) {
  Deno.test(`parseMessage knows no record with ${JSON.stringify(change)}`, () => {
    const header = headers();
    header.set("Tidings-Record", JSON.stringify({ ...HEAD, ...change }));
    assertEquals(parseMessage({ ...MESSAGE, header }), undefined);
  });
}

Deno.test("parseMessage knows no record without a header, or with one that is no object", () => {
  assertEquals(parseMessage({ ...MESSAGE, header: undefined }), undefined);
  for (const text of ["null", "5", "[]", "{", ""]) {
    const header = headers();
    header.set("Tidings-Record", text);
    assertEquals(parseMessage({ ...MESSAGE, header }), undefined);
  }
});
