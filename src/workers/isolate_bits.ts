/** Several isolates are a number with a bit for each: the lowest bit is the owner's. */

/**
 * The number of the first of them.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const isolates: number[] = [];
 * for (let left = 0b1011; left !== 0; left &= left - 1) isolates.push(firstIsolate(left));
 * assertEquals(isolates, [0, 1, 3]);
 * ```
 */
export function firstIsolate(isolates: number): number {
  return 31 - Math.clz32(isolates & -isolates);
}
