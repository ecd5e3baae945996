/** Fuzzes tabs that share a connection: another script of the origin posts and stores anything. */

import type { Part } from "../part.ts";
import { simulatedPart } from "../simulated_part.ts";
import { playSharing } from "./play_sharing.ts";
import { sharingHistories, type SharingHistory } from "./sharing_history.ts";

export const SHARING: Part<SharingHistory> = simulatedPart("sharing", {
  inputs: sharingHistories,
  play: playSharing,
});
