/** Generates histories at the inbox. */

import * as fc from "fast-check";
import { readState, wireNotification } from "../sdk/wire_messages.ts";
import type { InboxHistory, InboxStep, PageAnswer } from "./inbox_history.ts";

const MAX_ANSWERS = 8;
const MAX_STEPS = 25;

const latencies = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 300 }) }, fc.constantFrom(5_000, 12_000));

const answers: fc.Arbitrary<PageAnswer> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("right", "right", "right", "empty", "fail", "never"),
      ms: latencies,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("text" as const),
      ms: latencies,
      status: fc.constantFrom(200, 200, 200, 200, 500),
      text: fc.constantFrom("", "no JSON", "null", "[]", "{}"),
    }),
  },
);

const numbers = fc.nat({ max: 12 });

const frames: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    numbers.map((number) => wireNotification({ number, epoch: 0 })),
    fc.tuple(numbers, numbers).map(([through, unread]) => readState(through, [unread])),
  ),
  { minLength: 1, maxLength: 3 },
).map((messages) => JSON.stringify(messages));

const steps: fc.Arbitrary<InboxStep> = fc.tuple(
  latencies,
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("notify" as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("text" as const), text: frames }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom("missed", "cut", "read all", "load more", "scroll", "scroll"),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("read", "unread"), at: numbers }) },
  ),
).map(([afterMs, step]) => ({ afterMs, ...step }));

export const inboxHistories: fc.Arbitrary<InboxHistory> = fc.record({
  seed: fc.nat(),
  answers: fc.array(answers, { maxLength: MAX_ANSWERS, size: "max" }),
  steps: fc.array(steps, { maxLength: MAX_STEPS, size: "max" }),
});
