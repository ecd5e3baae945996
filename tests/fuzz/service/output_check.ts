/** Checks what the service prints: no error, no exception that nobody has caught, no secret. */

import { fail } from "../violation.ts";

export class OutputCheck {
  readonly #secrets: readonly string[];
  readonly #known: readonly RegExp[];
  /** The warnings and errors so far. */
  lines = 0;
  #checked = 0;

  /** @param known the errors that do not matter */
  constructor(secrets: readonly string[], known: readonly RegExp[] = []) {
    this.#secrets = secrets;
    this.#known = known;
  }

  /** @throws {Violation} if something is wrong in what was printed since the last call */
  check(output: string): void {
    const end = output.lastIndexOf("\n") + 1, lines = output.slice(this.#checked, end).split("\n");
    this.#checked = end;
    for (const line of lines) this.#checkLine(line);
  }

  #checkLine(line: string): void {
    const secret = this.#secrets.find((one) => line.includes(one));
    if (secret !== undefined) fail(`the log has a secret: ${line}`);
    if (/"level":"(WARN|WARNING|ERROR|FATAL)"/i.test(line)) this.lines++;
    const isError = /"level":"(ERROR|FATAL)"/i.test(line) && !this.#known.some((one) => one.test(line));
    if (isError) fail(`the service has logged an error: ${line}`);
    if (!line.startsWith("{") && /uncaught|unhandled|panicked|^error:/i.test(line)) {
      fail(`the service has printed: ${line}`);
    }
  }
}
