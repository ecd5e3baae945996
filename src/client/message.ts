/** What the server sends, as far as the SDK goes by it. */

import type { TidingsNotification } from "./tidings.ts";

export type Welcome = {
  type: "welcome";
  connection: string;
  target: string;
  position: string;
  recovered: boolean | null;
};
export type Arrival = { type: "notification" } & TidingsNotification;
export type Message =
  | Welcome
  | Arrival
  | { type: "missed"; position?: never }
  | { type: "error"; problem: { status: number; title: string; detail: string }; position?: never };
