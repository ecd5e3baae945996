/** Notifications as messages of PublisherService, in the encoding of protocol buffers. */

import { create, fromJson, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { NotifyRequestSchema } from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";

const TIME = 1234567890123456; // stands where the time is written later

/** A message, and where the time of sending is in it: a double. */
export interface PreparedCall {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly stamp: number;
}

/** Prepares a call for a notification, whose JSON has {@linkcode TIME} as its time. */
export function prepareCall(
  { target, data }: { target: string; data: { ts: number; title: string } },
): PreparedCall {
  const value = fromJson(ValueSchema, { ...data, ts: TIME });
  const message = create(NotifyRequestSchema, { target, content: { case: "data", value } });
  const body = toBinary(NotifyRequestSchema, message);
  const view = new DataView(body.buffer);
  const stamp = body.findIndex((_, at) => at + 8 <= body.length && view.getFloat64(at, true) === TIME);
  return { body, stamp };
}

/** Writes the time, of sixteen digits, which JSON shows as it is. */
export function writeCallTime(time: number, bytes: Uint8Array, at: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setFloat64(at, time, true);
}
