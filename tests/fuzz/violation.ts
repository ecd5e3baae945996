/** What an oracle throws: a sentence that says what does not hold. */

export class Violation extends Error {
  override readonly name = "Violation";
}

/** @throws {Violation} */
export function fail(sentence: string): never {
  throw new Violation(sentence);
}

/** @throws {Violation} unless the condition holds */
export function expect(condition: boolean, sentence: () => string): asserts condition {
  if (!condition) fail(sentence());
}

/** A violation is a sentence. Any other error is a fault of the fuzzer or of the SDK, and its stack says where. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof Violation ? error.message : error.stack ?? error.message;
}
