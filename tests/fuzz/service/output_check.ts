/** Checks what the service prints: no error, no exception that nobody has caught, no secret. */

import { fail } from "../violation.ts";

export class OutputCheck {
  readonly #secrets: readonly string[];
  #checked = 0;

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
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
    if (/"level":"(ERROR|FATAL)"/i.test(line)) fail(`the service has logged an error: ${line}`);
    if (!line.startsWith("{") && /uncaught|unhandled|panicked|^error:/i.test(line)) {
      fail(`the service has printed: ${line}`);
    }
  }
}
