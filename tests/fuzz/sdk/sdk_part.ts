/** Fuzzes the SDK with histories: a server that does anything, and a page that uses all methods. */

import type { Part } from "../part.ts";
import { simulatedPart } from "../simulated_part.ts";
import { playHistory } from "./play_history.ts";
import type { SdkHistory } from "./sdk_history.ts";
import { sdkHistories } from "./sdk_history_values.ts";

export const SDK: Part<SdkHistory> = simulatedPart("sdk", { inputs: sdkHistories, play: playHistory });
