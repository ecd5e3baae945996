/** The messages of the scripted server as they are on the wire. */

import type { Message } from "./sdk_history.ts";

const EPOCHS = ["aaaaaaaa", "bbbbbbbb", "cccccccc"];

/** Names a notification in all checks: its time and its id. */
export function keyOf({ id, at }: { readonly id: string; readonly at: string }): string {
  return `${at} ${id}`;
}

export function wireMessage(message: Message, connection: string): unknown {
  switch (message.is) {
    case "notification":
      return wireNotification(message);
    case "welcome":
      return { ...welcome(connection), target: message.target, recovered: message.recovered };
    case "read":
      return { ...readState(0, []), position: positionOf(0, 99), through: null };
    case "refusal":
      return { type: "error", problem: { status: message.status, title: "A title", detail: "a detail" } };
    case "unknown":
      return message.value;
    default:
      return { type: message.is };
  }
}

export function welcome(connection: string): Record<string, unknown> {
  return { type: "welcome", connection, target: "alexander", position: positionOf(0, 0), recovered: null };
}

/** Each epoch of the journal has other positions, and a notification of another epoch is another one. */
export function wireNotification({ number, epoch }: { readonly number: number; readonly epoch: number }): {
  readonly type: string;
  readonly id: string;
  readonly position: string;
  readonly at: string;
  readonly data: number;
} {
  const position = positionOf(epoch, number);
  return { type: "notification", id: `n${number}`, position, at: timeOf(epoch), data: number };
}

/** What the stream says was read: all up to a notification, except for some. */
export function readState(
  through: number,
  unread: readonly number[],
): { [name: string]: string | readonly string[] } {
  const positions = unread.map((number) => positionOf(0, number));
  return {
    type: "read",
    position: positionOf(0, through),
    at: timeOf(0),
    through: positionOf(0, through),
    read: [],
    unread: positions,
  };
}

/** The number of the notification at the position; null without a position. */
export function numberOf(position: string | null): number | null {
  return position === null ? null : Number(position.split("-").at(-1));
}

export function positionOf(epoch: number, number: number): string {
  return `${EPOCHS[epoch]}-${String(number).padStart(11, "0")}`;
}

function timeOf(epoch: number): string {
  return `2026-01-01T00:00:0${epoch}.000Z`;
}
