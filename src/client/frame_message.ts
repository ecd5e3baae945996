/** The messages in a frame from the server, with the fields that the SDK reads. */

import type { TidingsNotification } from "./tidings.ts";

export type WelcomeMessage = {
  type: "welcome";
  connection: string;
  target: string;
  position: string;
  recovered: boolean | null;
};
export type NotificationMessage = { type: "notification" } & TidingsNotification;
export type RefusalMessage = {
  type: "error";
  problem: { status: number; title: string; detail: string };
  position?: never;
};
export type FrameMessage =
  | WelcomeMessage
  | NotificationMessage
  | { type: "missed" | "pong"; position?: never }
  | RefusalMessage;
