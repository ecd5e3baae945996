/** Formats numbers and durations for people. */

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const exact = new Intl.NumberFormat("en");
const BYTES = ["B", "KB", "MB", "GB", "TB"];

/** Formats a number with at most three significant digits. */
export function shortNumber(value) {
  return Math.abs(value) < 1_000 ? plain.format(value) : compact.format(value);
}

/** Formats a count with all its digits, so that readers can compare it with another count. */
export function exactNumber(value) {
  return exact.format(value);
}

export function bytes(value) {
  if (value < 1024) return `${exactNumber(value)} B`;
  const power = Math.min(Math.floor(Math.log2(value) / 10), BYTES.length - 1);
  return `${plain.format(value / 1024 ** power)} ${BYTES[power]}`;
}

export function percent({ taken, capacity }) {
  return `${plain.format(100 * taken / capacity)} %`;
}

/** Formats the time that has passed since a time in milliseconds. */
export function since(ms, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
