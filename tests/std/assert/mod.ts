/** Stands in for jsr:@std/assert where JSR cannot be reached: as much of it as the tests use, on node:assert. */

import * as node from "node:assert/strict";

export const AssertionError = node.AssertionError;

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = new (...args: any[]) => E;

export function assert(expression: unknown, message?: string): asserts expression {
  node.ok(expression, message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  node.deepStrictEqual(actual, expected, message);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  node.notDeepStrictEqual(actual, expected, message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  node.strictEqual(actual, expected, message);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  node.ok(actual !== undefined && actual !== null, message);
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  node.match(actual, expected, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  node.ok(
    actual.includes(expected),
    message ?? `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
  );
}

export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual > expected, message ?? `Expected ${actual} > ${expected}`);
}

export function assertLess<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual < expected, message ?? `Expected ${actual} < ${expected}`);
}

export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual <= expected, message ?? `Expected ${actual} <= ${expected}`);
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass?: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checked(error, { ErrorClass, messageIncludes, message });
  }
  return node.fail(message ?? "Expected the function to throw");
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass?: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checked(error, { ErrorClass, messageIncludes, message });
  }
  return node.fail(message ?? "Expected the promise to reject");
}

function checked<E extends Error>(
  error: unknown,
  { ErrorClass, messageIncludes = "", message }: {
    ErrorClass: ErrorClass<E> | undefined;
    messageIncludes: string | undefined;
    message: string | undefined;
  },
): E {
  node.ok(
    error instanceof (ErrorClass ?? Error),
    message ?? `Expected ${ErrorClass?.name ?? "Error"}, got ${error}`,
  );
  assertStringIncludes((error as E).message, messageIncludes, message);
  return error as E;
}
