/** What the server sends, as far as the SDK goes by it. */

import type { TidingsNotification } from "./tidings.ts";

export type WelcomeMessage = {
  type: "welcome";
  connection: string;
  target: string;
  position: string;
  recovered: boolean | null;
};
export type NotificationMessage = { type: "notification" } & TidingsNotification;
export type SdkMessage =
  | WelcomeMessage
  | NotificationMessage
  | { type: "missed"; position?: never }
  | { type: "error"; problem: { status: number; title: string; detail: string }; position?: never };
