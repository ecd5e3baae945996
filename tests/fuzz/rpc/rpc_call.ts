/** A call of PublisherService, as JSON: its messages, and what is wrong with how they are sent. */

import { create, toBinary, toJson } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  NotifyManyRequestSchema,
  PublishRequestSchema,
} from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";
import { anyNotification, type TwoForms } from "../../sources/rpc/requests.ts";
import type { Json } from "../json/json.ts";
import { nearlyJson } from "../json/mutations.ts";
import { NotifyRequestSchema } from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";

export interface RpcCall {
  readonly method: string;
  readonly type: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In hexadecimal. */
  readonly body: string;
  readonly isHttp2: boolean;
  /** The body is sent in parts of so many bytes. */
  readonly chunk: number;
}

const METHODS = ["Notify", "NotifyMany", "Publish"];
const TYPES = [
  ...["application/proto", "application/json", "application/connect+proto", "application/connect+json"],
  ...["application/grpc-web+proto", "application/grpc-web+json", "application/grpc-web", "application/grpc"],
  ...["application/json; charset=latin1", "application/grpc-web-text", "text/plain", ""],
];
const HEADERS: readonly (readonly [string, string])[] = Object.entries({
  "connect-protocol-version": ["1", "2"],
  "connect-timeout-ms": ["1", "99999999999999", "x"],
  "grpc-timeout": ["1n", "-1S"],
  "grpc-encoding": ["gzip"],
  "connect-content-encoding": ["gzip", "x"],
  "content-encoding": ["gzip"],
  "connect-accept-encoding": ["gzip"],
  "grpc-accept-encoding": ["gzip,br"],
  "idempotency-key": ['"a"', "é"],
  "te": ["trailers"],
  "x-grpc-web": ["1"],
}).flatMap(([name, values]) => values.map((value) => [name, value] as const));

/** A change of bytes: a byte becomes another, some are inserted, or the rest is cut off. */
const changes = fc.oneof(
  fc.record({ do: fc.constant("set" as const), at: fc.nat({ max: 400 }), byte: fc.nat({ max: 255 }) }),
  fc.record({
    do: fc.constant("insert" as const),
    at: fc.nat({ max: 400 }),
    bytes: fc.uint8Array({ maxLength: 12 }),
  }),
  fc.record({ do: fc.constant("cut" as const), at: fc.nat({ max: 400 }) }),
);

type Change = typeof changes extends fc.Arbitrary<infer C> ? C : never;

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const at = change.at % (bytes.length + 1);
  if (change.do === "cut") return bytes.slice(0, at);
  const inserted = change.do === "insert" ? change.bytes : [change.byte];
  return new Uint8Array([
    ...bytes.subarray(0, at),
    ...inserted,
    ...bytes.subarray(change.do === "insert" ? at : at + 1),
  ]);
}

/** The bytes of a message of the method, in the format of the type. */
function encoded(
  notifications: readonly TwoForms[],
  { method, isJson }: { method: string; isJson: boolean },
): fc.Arbitrary<Uint8Array> {
  const messages = notifications.map(({ message }) => message),
    [first = create(NotifyRequestSchema)] = messages;
  const schema = method === "Publish" ? PublishRequestSchema : NotifyManyRequestSchema;
  const many = create(schema, { notifications: messages });
  if (!isJson) {
    return fc.constant(method === "Notify" ? toBinary(NotifyRequestSchema, first) : toBinary(schema, many));
  }
  const json = method === "Notify" ? toJson(NotifyRequestSchema, first) : toJson(schema, many);
  return nearlyJson(fc.constant(json as Json)).map((text) => new TextEncoder().encode(text));
}

/** Around each message of a stream: flags, and a length that may be wrong. */
const envelopes = fc.record({
  flags: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 3, 0x80, 0x81, 0xff)),
  claims: fc.oneof(
    { weight: 6, arbitrary: fc.constant(null) },
    fc.constantFrom(0, 1, 2 ** 20, 2 ** 20 + 1, 2 ** 31, 2 ** 32 - 1),
  ),
});

function inEnvelope(
  bytes: Uint8Array,
  { flags, claims }: { flags: number; claims: number | null },
): Uint8Array {
  const framed = new Uint8Array(5 + bytes.length);
  framed[0] = flags;
  new DataView(framed.buffer).setUint32(1, claims ?? bytes.length);
  framed.set(bytes, 5);
  return framed;
}

const heads = fc.record({
  method: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...METHODS) },
    fc.constantFrom("notify", "", "Notify/x"),
  ),
  type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TYPES.slice(0, 6)) }, fc.constantFrom(...TYPES)),
});

const messages = ({ method, type }: { method: string; type: string }) =>
  fc.array(anyNotification, { minLength: 1, maxLength: 3 }).chain((notifications) =>
    fc.tuple(
      encoded(notifications, { method, isJson: /json/.test(type) }),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(changes, { minLength: 1, maxLength: 3 })),
      envelopes,
    )
  ).map(([bytes, all, envelope]) => {
    const body = all.reduce(changed, bytes);
    return /connect\+|grpc/.test(type) ? inEnvelope(body, envelope) : body;
  });

export const rpcCalls: fc.Arbitrary<RpcCall> = heads.chain((head) =>
  fc.record({
    method: fc.constant(head.method),
    type: fc.constant(head.type),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 3 }),
    ),
    body: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.array(messages(head), { minLength: 1, maxLength: /connect\+/.test(head.type) ? 4 : 1 }),
      },
      { weight: 1, arbitrary: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 1 }) },
    ).map((parts) => new Uint8Array(parts.flatMap((part) => [...part])).toHex()),
    isHttp2: fc.boolean(),
    chunk: fc.constantFrom(1_000_000, 1_000_000, 7, 1),
  })
);
