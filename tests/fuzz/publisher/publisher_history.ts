/** A history at the publisher: what a server does with its connections and its frames, and what a backend does. */

import * as fc from "fast-check";
import { anyJson } from "../json/schema_values.ts";
import { nearlyJson } from "../json/mutations.ts";

export interface PublisherHistory {
  readonly seed: number;
  /** What becomes of each connection, in order. After the last, all are accepted. */
  readonly attempts: readonly PublisherAttempt[];
  /** What becomes of each frame, in order. After the last, all are accepted. */
  readonly verdicts: readonly Verdict[];
  readonly steps: readonly PublisherStep[];
}

export type PublisherAttempt =
  | { readonly do: "accept"; readonly notifications: number; readonly bytes: number }
  /** Its first frame is this text. */
  | { readonly do: "greet"; readonly text: string }
  | {
    readonly do: "refuse";
    readonly status: number;
    readonly isOurs: boolean;
    readonly retryAfter: string | null;
  }
  | { readonly do: "fail" | "hang" };

/** `lost`: it is accepted, and the answer never comes. */
export type Verdict =
  | { readonly do: "accept" | "lost" }
  | { readonly do: "refuse"; readonly status: number; readonly retryAfter: number | null };

export type PublisherStep =
  & { readonly afterMs: number }
  & (
    | {
      readonly do: "notify";
      /** Null: one notification that is no array. */
      readonly count: number | null;
      readonly size: number;
      readonly hasIds: boolean;
      /** When its signal aborts; null: never. */
      readonly abortAfterMs: number | null;
    }
    | { readonly do: "notify nothing JSON can say" }
    | { readonly do: "close" | "abort" | "cut" }
    | { readonly do: "closed by the server"; readonly code: number }
    | { readonly do: "text"; readonly text: string }
  );

const MAX_STEPS = 30;
const CODES = [
  1000,
  1001,
  1006,
  1009,
  1011,
  1012,
  3000,
  4000,
  4001,
  4003,
  4004,
  4100,
  4101,
  4102,
  4200,
  4201,
  4300,
];
const STATUSES = [200, 301, 400, 401, 403, 404, 426, 429, 500, 503];

const delays = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 8_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 50_000 }) },
);

const rightWelcome = [{ type: "welcome", limits: { notifications: 10, bytes: 1_000 } }];

const attempts: fc.Arbitrary<PublisherAttempt> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("accept" as const),
      notifications: fc.constantFrom(1, 3, 10, 1_000),
      bytes: fc.constantFrom(1, 300, 2_000, 1_048_576),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("greet" as const),
      text: nearlyJson(fc.oneof(anyJson, fc.constant(rightWelcome))),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("refuse" as const),
      status: fc.constantFrom(...STATUSES),
      isOurs: fc.boolean(),
      retryAfter: fc.constantFrom(null, "1", "7200", "x"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("fail", "hang") }) },
);

const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("accept" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("refuse" as const),
      status: fc.constantFrom(400, 403, 413, 422, 429, 500, 503),
      retryAfter: fc.constantFrom(null, 1, 30, 7_200),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lost" as const) }) },
);

const steps: fc.Arbitrary<PublisherStep> = fc.tuple(
  delays,
  fc.oneof(
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constant("notify" as const),
        count: fc.constantFrom(null, null, null, 1, 3, 20),
        size: fc.constantFrom(0, 0, 10, 500, 5_000),
        hasIds: fc.boolean(),
        abortAfterMs: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.nat({ max: 2_000 })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("close", "abort", "notify nothing JSON can say") }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("closed by the server" as const),
        code: fc.constantFrom(...CODES),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("text" as const), text: nearlyJson(anyJson) }) },
  ),
).map(([afterMs, step]) => ({ afterMs, ...step }));

export const publisherHistories: fc.Arbitrary<PublisherHistory> = fc.record({
  seed: fc.nat(),
  attempts: fc.array(attempts, { maxLength: 6, size: "max" }),
  verdicts: fc.array(verdicts, { maxLength: 30, size: "max" }),
  steps: fc.array(steps, { maxLength: MAX_STEPS, size: "max" }),
});
