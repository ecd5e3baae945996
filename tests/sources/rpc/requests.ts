/** Requests for tests: arbitrary messages, with the JSON that /v1/notify has for the same notification. */

import { create, fromJson, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, ValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { type NotifyRequest, NotifyRequestSchema } from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";

/** A notification in both forms. */
export interface TwoForms {
  readonly json: Readonly<Record<string, unknown>>;
  readonly message: NotifyRequest;
}

const text = fc.string({ unit: "grapheme", maxLength: 200 });
const push = fc.record(
  { after: fc.nat(2 ** 32 - 1), title: text, body: text, navigate: text },
  { requiredKeys: [], noNullPrototype: true },
);
const fields = fc.record({
  target: text,
  targets: fc.array(text, { minLength: 1, maxLength: 4 }),
  everyone: fc.constant(true),
  id: text,
  ttl: fc.nat(2 ** 32 - 1),
  topic: text,
  urgency: text,
  push,
}, { requiredKeys: [], noNullPrototype: true });
const times = fc.option(
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31T23:59:59Z") }),
);

/** Any notification, valid or not. */
export const anyNotification: fc.Arbitrary<TwoForms> = fc
  .tuple(fields, times, fc.jsonValue({ maxDepth: 6 }), fc.boolean())
  .map(([fields, at, value, isText]) => {
    const data = JSON.parse(JSON.stringify(value)); // JSON has no -0
    const content: MessageInitShape<typeof NotifyRequestSchema>["content"] = isText
      ? { case: "dataJson", value: JSON.stringify(data) }
      : { case: "data", value: fromJson(ValueSchema, data) };
    const time = at === null ? {} : { at: timestampFromDate(at) };
    const message = create(NotifyRequestSchema, { ...fields, ...time, content });
    return { json: { ...fields, ...(at !== null && { at: at.toISOString() }), data }, message };
  });
