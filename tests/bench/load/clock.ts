/** The clock that notifications are stamped by: microseconds since 1970, which have sixteen digits. */

export const DIGITS = 16;

const ZERO = 48;

export function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

/** Writes a time as decimal digits to where it belongs. */
export function writeTime(time: number, bytes: Uint8Array, at: number): void {
  for (let place = at + DIGITS - 1, rest = time; place >= at; place--) {
    const tenth = Math.floor(rest / 10);
    bytes[place] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}

/** Reads what `writeTime` has written. */
export function readTime(bytes: Uint8Array, at: number): number {
  let time = 0;
  for (let place = at; place < at + DIGITS; place++) time = time * 10 + (bytes[place] ?? 0) - ZERO;
  return time;
}
