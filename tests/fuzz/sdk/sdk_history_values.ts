/** Generates histories at the SDK. */

import * as fc from "fast-check";
import type { Json } from "../json/json.ts";
import { anyJson } from "../json/schema_values.ts";
import { nearlyJson } from "../json/mutations.ts";
import { wireNotification } from "./wire_messages.ts";
import type { Attempt, Message, SdkHistory, Step } from "./sdk_history.ts";

const MAX_SERIES = 5;
/** So many failures in a row take the back-off beyond its limit: one connection takes up to three attempts. */
const MANY = 30;
const MAX_STEPS = 40;

const CODES = [
  ...[1000, 1001, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 3000],
  ...[4001, 4003, 4099, 4100, 4101, 4199, 4200, 4201, 4202, 4300, 4999],
];
const STATUSES = [200, 204, 301, 400, 401, 403, 404, 426, 429, 500, 501, 502, 503];

/** Most things happen soon, and some after the timeouts of the SDK. */
const delays = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
  { weight: 2, arbitrary: fc.integer({ min: 400, max: 8_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 60_000 }) },
);

const attempts: fc.Arbitrary<Attempt> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("accept" as const), ms: fc.integer({ min: 0, max: 200 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("open" as const), ms: fc.integer({ min: 0, max: 200 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("refuse" as const),
      status: fc.constantFrom(...STATUSES),
      isOurs: fc.boolean(),
      retryAfter: fc.constantFrom(null, null, "1", "0", "30", "7200", "x", "Wed, 21 Oct 2015 07:28:00 GMT"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("fail", "hang") }) },
);

/** Mostly one, and sometimes the same again and again. */
const series = fc.tuple(attempts, fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.constant(MANY)))
  .map(([attempt, times]) => Array.from({ length: times }, () => attempt));

const notifications: fc.Arbitrary<Message> = fc.record({
  is: fc.constant("notification" as const),
  number: fc.nat({ max: 20 }),
  epoch: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2)),
});

const messages: fc.Arbitrary<Message> = fc.oneof(
  { weight: 12, arbitrary: notifications },
  { weight: 3, arbitrary: fc.record({ is: fc.constantFrom("missed", "pong", "read") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant("refusal" as const),
      status: fc.constantFrom(400, 422, 429, 503),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant("welcome" as const),
      target: fc.constantFrom("alexander", "burr"),
      recovered: fc.constantFrom(true, false, null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("unknown" as const), value: anyJson }) },
);

const frames = fc.array(messages, { minLength: 1, maxLength: 5 });

const rightText: fc.Arbitrary<Json> = fc.nat({ max: 20 }).map((
  number,
) => [wireNotification({ number, epoch: 0 })]);

const serverSteps = [
  { weight: 40, arbitrary: fc.record({ do: fc.constant("frame" as const), messages: frames }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("text" as const),
      text: nearlyJson(fc.oneof(anyJson, rightText)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("close" as const), code: fc.constantFrom(...CODES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("answers" as const),
      with: fc.constantFrom("everything", "nothing", "busy"),
    }),
  },
];

const events = ["online", "offline", "visibilitychange", "pagehide", "pageshow"] as const;

const pageSteps = [
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("ack" as const),
      ids: fc.array(fc.nat({ max: 20 }), { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      size: fc.oneof(fc.nat({ max: 50 }), fc.constantFrom(30_000, 59_900, 70_000)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("mark", "loop", "break") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("event" as const), type: fc.constantFrom(...events) }),
  },
];

const steps: fc.Arbitrary<Step> = fc.tuple(delays, fc.oneof(...serverSteps, ...pageSteps))
  .map(([afterMs, step]) => ({ afterMs, ...step }));

export const sdkHistories: fc.Arbitrary<SdkHistory> = fc.record({
  seed: fc.nat(),
  options: fc.record({
    ack: fc.constantFrom("auto", "auto", "manual"),
    after: fc.constantFrom(null, "earliest", "aaaaaaaa-00000000005"),
    token: fc.constantFrom(
      "none",
      "none",
      "fixed",
      "fresh",
      "fresh",
      "throws",
      "null later",
      "slow",
      "page of HTML",
    ),
    hasWebSocket: fc.constantFrom(true, true, false),
    closesOn: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fc.nat({ max: 20 })),
  }),
  attempts: fc.array(series, { maxLength: MAX_SERIES, size: "max" }).map((all) => all.flat()),
  steps: fc.array(steps, { maxLength: MAX_STEPS, size: "max" }),
});
