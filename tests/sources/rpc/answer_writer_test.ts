/** notifyResponse and notifyManyResponse: the libraries of protocol buffers read what they write. */

import { fromBinary } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AcceptedForTarget, Published } from "../../../src/sources/publish.ts";
import { notifyManyResponse, notifyResponse } from "../../../src/sources/rpc/answer_writer.ts";
import {
  type AcceptedNotification,
  NotifyManyResponseSchema,
  NotifyResponseSchema,
} from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";

const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });
const accepted: fc.Arbitrary<AcceptedForTarget> = fc.record({
  target: fc.option(text(256)),
  id: fc.oneof(text(128), fc.uuid()),
  position: fc.option(fc.stringMatching(/^[a-z0-9]{8}-\d{11}$/)),
  expires: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31T00:00:00Z") })
    .map((date) => date.toISOString()),
}, { noNullPrototype: true });

function published(answer: Published["answer"], accepted: readonly AcceptedForTarget[]): Published {
  return { answer, accepted: () => accepted, ids: [], isArray: false };
}

/** The fields as JSON has them. */
function fieldsOf(
  message: Pick<AcceptedNotification, "position" | "expires"> & {
    id?: string | undefined;
    target?: string | undefined;
  },
): AcceptedForTarget {
  const { target, id = "", position, expires } = message;
  const time = expires === undefined ? "" : timestampDate(expires).toISOString();
  return { target: target ?? null, id, position: position ?? null, expires: time };
}

Deno.test("notifyResponse writes the one notification that was accepted", () => {
  fc.assert(fc.property(accepted, ({ target: _, ...one }) => {
    const response = fromBinary(NotifyResponseSchema, notifyResponse(published(one, [])));
    assertEquals(fieldsOf(response), { target: null, ...one });
    assertEquals(response.notifications, []);
  }));
});

Deno.test("notifyResponse writes a list if the notification has targets", () => {
  fc.assert(fc.property(fc.array(accepted, { minLength: 1 }), (all) => {
    const { id, notifications } = fromBinary(
      NotifyResponseSchema,
      notifyResponse(published({ notifications: all }, all)),
    );
    assertEquals([id, notifications.map(fieldsOf)], [undefined, all]);
  }));
});

Deno.test("notifyManyResponse writes all notifications in their order", () => {
  fc.assert(fc.property(fc.array(accepted), (all) => {
    const bytes = notifyManyResponse(published({ notifications: all }, all));
    assertEquals(fromBinary(NotifyManyResponseSchema, bytes).notifications.map(fieldsOf), all);
  }));
});
