/** Framing: a frame is a JSON array of messages, and the tabs of a target mostly get the same one. */

/** Puts the texts of messages into a frame. */
export type Frame = (messages: readonly string[]) => string;

/**
 * Makes frames and remembers the latest. Of 1,000 tabs of one target, 999 need no string of their own: that is a
 * fifth of the time of a delivery, and with 1,000 tabs that are stuck 250 MB.
 */
export function framing(): Frame {
  let latest: readonly string[] = [], frame = "[]";
  return function frameOf(messages) {
    const isLatest = messages.length === latest.length &&
      messages.every((message, index) => message === latest[index]);
    if (isLatest) return frame;
    latest = messages;
    return frame = `[${messages.join(",")}]`;
  };
}
