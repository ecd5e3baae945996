/** Fuzzes the service worker of Web Push: pushes with payloads of any shape, while tabs and the browser answer anything. */

import * as fc from "fast-check";
import type { Json } from "../json/json.ts";
import { nearlyJson } from "../json/mutations.ts";
import { anyJson } from "../json/schema_values.ts";
import type { Part } from "../part.ts";
import { simulatedPart } from "../simulated_part.ts";
import { playPush, type PushInput } from "./play_push.ts";

const PAYLOAD: Json = {
  web_push: 8030,
  notification: {
    ...{ title: "T", navigate: "/inbox", tag: "t", body: "b", lang: "en", silent: false },
    data: { id: "a", target: "alexander", position: "aaaaaaaa-00000000001" },
  },
  app_badge: 1,
};

const inputs: fc.Arbitrary<PushInput> = fc.record({
  payload: fc.oneof(
    { weight: 6, arbitrary: nearlyJson(fc.constant(PAYLOAD)) },
    { weight: 1, arbitrary: fc.oneof(nearlyJson(anyJson), fc.string()) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  isStrict: fc.boolean(),
});

export const PUSH: Part<PushInput> = simulatedPart("push", { inputs, play: playPush });
