/** What a case expects: each function throws a Violation that says what was expected, and what came instead. */

/** Thrown when the server does not do what it must. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Fails the case with a sentence that says what is wrong. */
export function fail(sentence: string): never {
  throw new Violation(sentence);
}

/** Fails unless the condition holds. */
export function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) fail(sentence);
}

/** Fails unless both are the same JSON; the order of members does not matter. */
export function equal(actual: unknown, { is: expected, in: what }: { is: unknown; in: string }): void {
  if (canonical(actual) !== canonical(expected)) {
    fail(`${what}: expected ${shown(expected)}, and it is ${shown(actual)}`);
  }
}

/** Fails unless the text matches the pattern. */
export function match(actual: unknown, { is: pattern, in: what }: { is: RegExp; in: string }): void {
  if (typeof actual !== "string" || !pattern.test(actual)) {
    fail(`${what}: expected ${pattern}, and it is ${shown(actual)}`);
  }
}

/** Fails unless each value is greater than the one before, as text. */
export function ascend(texts: readonly string[], what: string): void {
  const at = texts.findIndex((text, index) => index > 0 && text <= (texts[index - 1] ?? ""));
  if (at >= 0) fail(`${what}: ${shown(texts[at])} comes after ${shown(texts[at - 1])}`);
}

/** Returns the value, and fails if there is none. */
export function present<T>(value: T | null | undefined, what: string): T {
  return value ?? fail(`${what} is missing`);
}

function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) => isObject(part) ? Object.fromEntries(sortedEntries(part)) : part,
  ) ??
    "undefined";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
