/** The clock of the time stamps in notifications: microseconds since 1970, which have sixteen digits. */

export const DIGITS = 16;

const ZERO = 48;

export function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

/** Writes a time as decimal digits at a position in the bytes. */
export function writeTime(time: number, bytes: Uint8Array, at: number): void {
  for (let index = at + DIGITS - 1, rest = time; index >= at; index--) {
    const tenth = Math.floor(rest / 10);
    bytes[index] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}

/** Reads a time that `writeTime` has written. */
export function readTime(bytes: Uint8Array, at: number): number {
  let time = 0;
  for (let index = at; index < at + DIGITS; index++) time = time * 10 + (bytes[index] ?? 0) - ZERO;
  return time;
}
