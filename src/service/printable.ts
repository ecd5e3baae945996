/** What the log may show of text that somebody else has sent. */

const MAX_LENGTH = 200;

/** The log has one line for each record, and a terminal obeys control characters. */
export function printable(text: string): string {
  return text.slice(0, MAX_LENGTH).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}
