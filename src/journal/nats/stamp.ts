/** Stamps: texts that distinguish a message from one that had the same number in a history that was lost. */

import type { MsgHdrs } from "@nats-io/nats-core";
import { type Position, positionOf } from "../../wire/position.ts";

/**
 * The number of a message in the stream, and its stamp: the time when it was published. A store that was rolled back
 * gives the same numbers to other messages, but these are published later.
 */
export interface StampedNumber {
  readonly sequence: number;
  readonly stamp: string;
}

/** A position that was parsed. */
export interface ParsedPosition {
  readonly epoch: string;
  readonly sequence: number;
  /** Undefined in positions of version 0.1.0. */
  readonly stamp: string | undefined;
}

/** The stamp where there is no message, and that of messages without a stamp, which version 0.1.0 has stored. */
export const NO_STAMP = "000000";

const HEADER = "Tidings-Stamp";
const PATTERN = /^[0-9a-z]{6}$/;
const UNIT_MS = 10;
const COUNT = 36 ** 6; // after 252 days, the stamps begin again

/** Sets the stamp, which is stored with the message and sent with it. Returns it. `now` is in milliseconds since 1970. */
export function setStamp(header: MsgHdrs, now: number): string {
  const units = modulo(Math.floor(now / UNIT_MS)) || 1; // 0 would be NO_STAMP
  const stamp = units.toString(36).padStart(6, "0");
  header.set(HEADER, stamp);
  return stamp;
}

/** True if the first stamp is of a later time. They must not be further apart than four months. */
export function isLater(stamp: string, than: string): boolean {
  const units = modulo(parseInt(stamp, 36) - parseInt(than, 36));
  return units > 0 && units < COUNT / 2;
}

/** Not negative, also for a clock before 1970. */
function modulo(units: number): number {
  return (units % COUNT + COUNT) % COUNT;
}

/** The stamp of a message with these headers. */
export function stampOf(header: Pick<MsgHdrs, "get">): string {
  const stamp = header.get(HEADER);
  return PATTERN.test(stamp) ? stamp : NO_STAMP;
}

/** The position of a message. */
export function stampedPosition(epoch: string, { sequence, stamp }: StampedNumber): Position {
  return `${positionOf(epoch, sequence)}-${stamp}`;
}

export function parsePosition(position: Position): ParsedPosition {
  const [epoch = "", digits = "", stamp] = position.split("-");
  return { epoch, sequence: parseInt(digits, 36), stamp };
}
