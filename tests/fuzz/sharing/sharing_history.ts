/** A history of tabs that share a connection, with a script of the same origin that writes anything anywhere, as JSON. */

import * as fc from "fast-check";
import type { Json } from "../json/json.ts";
import { nearlyJson } from "../json/mutations.ts";
import { anyJson } from "../json/schema_values.ts";
import { readState, wireNotification } from "../sdk/wire_messages.ts";

export interface SharingHistory {
  readonly seed: number;
  /** What is stored in place of the position when each of the first tabs opens; null: nothing. */
  readonly stored: readonly (string | null)[];
  readonly steps: readonly SharingStep[];
}

export type SharingStep =
  & { readonly afterMs: number }
  & (
    | { readonly do: "open" | "cut" | "return" }
    | { readonly do: "close" | "mark"; readonly tab: number }
    | { readonly do: "notify"; readonly number: number }
    /** The other script posts JSON to the channel. */
    | { readonly do: "post"; readonly text: string }
  );

const MAX_STEPS = 20;
const STATUS = {
  ...{ state: "open", reason: "", retryInMs: 0, transport: "websocket", target: "alexander" },
  connection: "c1",
};

const messages: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    { hello: true },
    { ack: ["n1", "n2"] },
    { message: '{"type":"message","data":1}' },
    { message: "{" },
    { end: { reason: "closed" } },
    { probe: 0.5 },
    { status: STATUS, position: "aaaaaaaa-00000000001" },
    {
      status: { ...STATUS, state: "waiting", connection: null, transport: null, retryInMs: 5 },
      position: null,
    },
    { frame: JSON.stringify([readState(3, [1])]) },
  ),
  nearlyJson(fc.nat({ max: 9 }).map((number) => [wireNotification({ number, epoch: 0 })])).map((frame) => ({
    frame,
  })),
  anyJson,
);

const positions = fc.constantFrom(
  "aaaaaaaa-00000000003",
  "aaaaaaaa-3",
  "5",
  "",
  "AAAAAAAA-00000000003",
  "undefined",
);

const stored = fc.oneof(
  fc.constant(null),
  positions.map((position) => `alexander\n${position}`),
  positions.map((position) => `burr\n${position}`),
  fc.string(),
);

const steps: fc.Arbitrary<SharingStep> = fc.tuple(
  fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 200 }) }, { weight: 1, arbitrary: fc.nat({ max: 30_000 }) }),
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("open", "cut", "return") }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("close", "mark"), tab: fc.nat({ max: 3 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("notify" as const), number: fc.nat({ max: 20 }) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("post" as const), text: nearlyJson(messages) }) },
  ),
).map(([afterMs, step]) => ({ afterMs, ...step }));

export const sharingHistories: fc.Arbitrary<SharingHistory> = fc.record({
  seed: fc.nat(),
  stored: fc.array(stored, { maxLength: 3 }),
  steps: fc.array(steps, { maxLength: MAX_STEPS, size: "max" }),
});
