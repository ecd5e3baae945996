/** Writes numbers for people, in the English of all messages. */

/** Such as `1,048,576`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en");
}
