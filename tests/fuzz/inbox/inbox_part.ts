/** Fuzzes the SDK's inbox with histories: a service that answers anything, and a page that marks and scrolls. */

import { simulatedPart } from "../simulated_part.ts";
import { inboxHistories } from "./inbox_history_values.ts";
import { playInbox } from "./play_inbox.ts";

export const INBOX = simulatedPart("inbox", { inputs: inboxHistories, play: playInbox });
