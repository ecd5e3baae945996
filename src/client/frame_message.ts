/** The messages in a frame from the server, with the fields that the SDK reads. */

import type { MarkAnswer, TidingsNotification, TidingsReadState } from "./tidings.ts";

export type WelcomeMessage = {
  type: "welcome";
  connection: string;
  target: string;
  position: string;
  recovered: boolean | null;
};
export type NotificationMessage = { type: "notification" } & TidingsNotification;
export type ReadMessage = { type: "read" } & TidingsReadState;
export type MarkedMessage = { type: "marked"; position?: never } & MarkAnswer;
export type RefusalMessage = {
  type: "error";
  /** The message that was refused; otherwise it was the whole frame. */
  ref?: string;
  problem: { status: number; title: string; detail: string };
  position?: never;
};
export type FrameMessage =
  | WelcomeMessage
  | NotificationMessage
  | ReadMessage
  | MarkedMessage
  | { type: "missed" | "pong"; position?: never }
  | RefusalMessage;
