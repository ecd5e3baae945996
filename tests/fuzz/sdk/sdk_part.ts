/** Fuzzes the SDK with histories: a server that does anything, and a page that uses all methods. */

import type { Bench, Part } from "../part.ts";
import { Tally } from "../tally.ts";
import { playHistory } from "./play_history.ts";
import type { SdkHistory } from "./sdk_history.ts";
import { sdkHistories } from "./sdk_history_values.ts";

export const SDK: Part<SdkHistory> = {
  name: "sdk",
  journals: ["memory"], // it needs none
  open: () => {
    const tally = new Tally();
    const bench: Bench<SdkHistory> = {
      inputs: sdkHistories,
      tally,
      play: (history) => playHistory(history, tally),
      finish: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    return Promise.resolve(bench);
  },
};
