/** readNotifyRequest and readNotifyManyRequest: what they read is what /v1/notify would have received. */

import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readNotifyManyRequest, readNotifyRequest } from "../../../src/sources/rpc/request_reader.ts";
import {
  NotifyManyRequestSchema,
  NotifyRequestSchema,
} from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";
import { Problem } from "../../../src/wire/problem.ts";
import { anyNotification } from "./requests.ts";

type Write = (writer: BinaryWriter) => void;

function bytesOf(write: Write): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

/** A field that is a message. */
function message(field: number, ...fields: Write[]): Write {
  return (writer) => {
    writer.tag(field, WireType.LengthDelimited).fork();
    for (const write of fields) write(writer);
    writer.join();
  };
}

function text(field: number, value: string): Write {
  return (writer) => void writer.tag(field, WireType.LengthDelimited).string(value);
}

function varint(field: number, value: number): Write {
  return (writer) => void writer.tag(field, WireType.Varint).uint64(value);
}

function double(value: number): Write {
  return (writer) => void writer.tag(2, WireType.Bit64).double(value);
}

function problemOf(bytes: Uint8Array): Problem {
  return assertThrows(() => readNotifyRequest(bytes), Problem);
}

Deno.test("readNotifyRequest reads any notification as the JSON that /v1/notify would have received", () => {
  fc.assert(fc.property(anyNotification, ({ json, message }) => {
    assertEquals(JSON.parse(readNotifyRequest(toBinary(NotifyRequestSchema, message))), json);
  }));
});

Deno.test("readNotifyManyRequest reads any notifications as an array, in their order", () => {
  fc.assert(fc.property(fc.array(anyNotification, { maxLength: 5 }), (forms) => {
    const notifications = forms.map(({ message }) => message);
    const bytes = toBinary(NotifyManyRequestSchema, create(NotifyManyRequestSchema, { notifications }));
    assertEquals(JSON.parse(readNotifyManyRequest(bytes)), forms.map(({ json }) => json));
  }));
});

Deno.test("readNotifyRequest leaves the text of data_json as it is", () => {
  const dataJson = "[12345678901234567890, 1.10]";
  const message = create(NotifyRequestSchema, {
    target: "a",
    content: { case: "dataJson", value: dataJson },
  });
  assertStringIncludes(readNotifyRequest(toBinary(NotifyRequestSchema, message)), `"data":${dataJson}`);
});

Deno.test("readNotifyRequest reads any bytes, or throws a problem, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        JSON.parse(readNotifyRequest(bytes));
      } catch (error) {
        assert(error instanceof Problem, `${error}`);
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("readNotifyRequest throws a problem wherever a message is cut off", () => {
  fc.assert(
    fc.property(anyNotification, ({ message }) => {
      const bytes = toBinary(NotifyRequestSchema, message);
      for (let length = 1; length < bytes.length; length++) {
        try {
          JSON.parse(readNotifyRequest(bytes.subarray(0, length))); // it may end after a field
        } catch (error) {
          assert(error instanceof Problem, `${error}`);
        }
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("readNotifyRequest reads a time before 1970 as one that is past", () => {
  const at = message(10, (writer) => void writer.tag(1, WireType.Varint).int64(-5));
  assertEquals(readNotifyRequest(bytesOf(at)), '{"at":"1970-01-01T00:00:00.000Z"}');
});

Deno.test("readNotifyRequest reads a member named __proto__ like any other", () => {
  const data = message(4, message(5, message(1, text(1, "__proto__"), message(2, double(1)))));
  assertEquals(readNotifyRequest(bytesOf(data)), '{"data":{"__proto__":1}}');
});

/** The value within as many lists. */
function nested(levels: number): Write {
  return levels === 0 ? varint(1, 0) : message(6, message(1, nested(levels - 1)));
}

const DATA = "has no field";

const MISFITS: readonly [string, Uint8Array, kind: string, path: string | undefined, detail: string][] = [
  ["an unknown field", bytesOf(varint(99, 1)), "does-not-fit", "", `${DATA} 99`],
  [
    "a string of the wrong wire type",
    bytesOf(varint(1, 1)),
    "does-not-fit",
    "",
    `${DATA} 1 of the wire type 0`,
  ],
  [
    "a number of the wrong wire type",
    bytesOf(text(7, "1")),
    "does-not-fit",
    "",
    `${DATA} 7 of the wire type 2`,
  ],
  ["an unknown field of push", bytesOf(message(11, varint(9, 1))), "does-not-fit", "push", `${DATA} 9`],
  ["an unknown field of at", bytesOf(message(10, varint(9, 1))), "does-not-fit", "at", `${DATA} 9`],
  ["an unknown field of data", bytesOf(message(4, varint(9, 1))), "does-not-fit", "data", `${DATA} 9`],
  ["data of no kind", bytesOf(message(4)), "does-not-fit", "data", "no kind"],
  [
    "a member without a value",
    bytesOf(message(4, message(5, message(1, text(1, "a"))))),
    "does-not-fit",
    "data",
    '"a"',
  ],
  ["NaN", bytesOf(message(4, double(NaN))), "does-not-fit", "data", "NaN"],
  ["an infinite number", bytesOf(message(4, double(-Infinity))), "does-not-fit", "data", "-Infinity"],
  ["a year that is none", bytesOf(message(10, varint(1, 2 ** 50))), "does-not-fit", "at", "Timestamp"],
  [
    "nanoseconds of more than a second",
    bytesOf(message(10, varint(2, 1e9))),
    "does-not-fit",
    "at",
    "Timestamp",
  ],
  ["data_json that is not JSON", bytesOf(text(5, "{")), "does-not-fit", "data_json", "is not JSON"],
  ["data_json of two values", bytesOf(text(5, '1,"target":"b"')), "does-not-fit", "data_json", "is not JSON"],
  [
    "data_json over 64 KiB",
    bytesOf(text(5, `"${"x".repeat(65_535)}"`)),
    "too-large",
    undefined,
    "65,536 bytes",
  ],
  ["data with 60 levels", bytesOf(message(4, nested(60))), "bad-request", undefined, "levels of nesting"],
  [
    "a length of 5 GB",
    Uint8Array.of(10, 0x80, 0xe4, 0x97, 0xd0, 0x12),
    "bad-request",
    undefined,
    "5000000000 bytes",
  ],
  ["a number without an end", new Uint8Array(11).fill(255), "bad-request", undefined, "ten bytes"],
  ["half a number", Uint8Array.of(0xff), "bad-request", undefined, "ends within a number"],
  ["half a double", Uint8Array.of(34, 3, 17, 0, 0), "bad-request", undefined, "ends within a number"],
  [
    "a field beyond its message",
    Uint8Array.of(34, 2, 17, 0, 0, 0, 0, 0, 0, 0, 0),
    "bad-request",
    undefined,
    "beyond",
  ],
  ["half a character", Uint8Array.of(10, 2, 0xe4, 0x22), "bad-request", undefined, "UTF-8"],
  ["JSON", new TextEncoder().encode('{"target":"a"}'), "does-not-fit", "", "has no field 15"],
];

for (const [what, bytes, kind, path, detail] of MISFITS) {
  Deno.test(`readNotifyRequest refuses ${what}`, () => {
    const problem = problemOf(bytes);
    assertEquals([problem.kind, problem.errors?.[0]?.path], [kind, path], problem.message);
    assertStringIncludes(problem.message, detail);
  });
}

Deno.test("readNotifyManyRequest refuses an unknown field", () => {
  assertThrows(() => readNotifyManyRequest(bytesOf(varint(9, 1))), Problem, "has no field 9");
});
