/** What the command line is given: answers of a server that is not Tidings, and backups that are damaged, as JSON. */

import * as fc from "fast-check";
import type { Json } from "../json/json.ts";
import { nearlyJson } from "../json/mutations.ts";
import { anyJson } from "../json/schema_values.ts";
import { welcome, wireNotification } from "../sdk/wire_messages.ts";

export type CliInput =
  | {
    readonly do: "call";
    readonly command: readonly string[];
    /** What a server answers to each request. The last counts for all that follow. */
    readonly answers: readonly CliAnswer[];
    /** The frames of its event stream, which then ends for good. */
    readonly frames: readonly string[];
  }
  | { readonly do: "restore"; readonly changes: readonly BackupChange[] };

export interface CliAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** `set` writes bytes at a place, as a share of the length; `cut` drops what follows it. */
export interface BackupChange {
  readonly do: "set" | "insert" | "cut";
  readonly at: number;
  readonly bytes: readonly number[];
}

const COMMANDS = [
  ["notify", "alexander", "1"],
  ["notify", "alexander", "1", "--json"],
  ["notify", "alexander", "1", "--wait", "1"],
  ["token", "alexander"],
  ["report", "a"],
  ["targets"],
  ["targets", "alexander"],
  ["revoke", "alexander"],
  ["listen", "alexander", "--count", "3"],
  ["listen", "alexander", "--count", "3", "--json"],
];

const ANSWERS: readonly Json[] = [
  { id: "a\u001b[2J", position: "aaaaaaaa-00000000001", expires: "2026-01-01T00:00:00.000Z" },
  { token: "abc", expires: "2026-01-01T00:00:00.000Z" },
  {
    id: "a",
    accepted_at: null,
    sent: 1,
    acked: 0,
    first_ack_ms: null,
    read: 0,
    first_read_ms: null,
    push: null,
  },
  {
    targets: [{ target: "a\u009b", connections: 1, transports: { websocket: 1, sse: 0 }, nodes: ["n"] }],
    next: "b",
  },
  {
    type: "urn:tidings:problem:not-found",
    title: "No\u001b]0;x\u0007",
    status: 404,
    detail: "\r",
    errors: [],
  },
];

const answers: fc.Arbitrary<CliAnswer> = fc.record({
  status: fc.constantFrom(200, 200, 202, 204, 302, 400, 401, 404, 429, 500, 503),
  type: fc.constantFrom("application/json", "application/problem+json", "text/html"),
  body: fc.oneof(nearlyJson(fc.constantFrom(...ANSWERS)), nearlyJson(anyJson), fc.string()),
});

const numbers = fc.nat({ max: 9 });
const frames = nearlyJson(fc.oneof(
  fc.constant<Json>([welcome("c") as Json]),
  numbers.map((number) => [wireNotification({ number, epoch: 0 })]),
  fc.constant<Json>([{ type: "missed" }]),
));

const calls: fc.Arbitrary<CliInput> = fc.record({
  do: fc.constant("call" as const),
  command: fc.constantFrom(...COMMANDS),
  answers: fc.array(answers, { minLength: 1, maxLength: 3 }),
  frames: fc.array(frames, { maxLength: 4 }),
});

const restores: fc.Arbitrary<CliInput> = fc.record({
  do: fc.constant("restore" as const),
  changes: fc.array(
    fc.record({
      do: fc.constantFrom("set", "set", "set", "insert", "cut"),
      at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.0001, 0.001, 1)),
      bytes: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 20 }),
    }),
    { minLength: 0, maxLength: 4 },
  ),
});

export const cliInputs: fc.Arbitrary<CliInput> = fc.oneof(calls, restores);
