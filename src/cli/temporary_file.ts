/** A file that goes away when a command ends, also when a signal ends it. */

import { removeIfExists } from "../journal/sqlite/remove_if_exists.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const INTERRUPTED = 130;

export class TemporaryFile implements Disposable {
  readonly path: string;
  readonly #onSignal = () => {
    this.#remove();
    Deno.exit(INTERRUPTED);
  };

  /** @param prefix the beginning of the path; two processes have different paths */
  constructor(prefix: string) {
    this.path = `${prefix}-${Deno.pid}`;
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#onSignal);
  }

  /** The file may have been renamed, and then stays. */
  [Symbol.dispose](): void {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#onSignal);
    this.#remove();
  }

  /** Also what SQLite keeps beside a database. */
  #remove(): void {
    for (const suffix of ["", "-wal", "-journal"]) removeIfExists(this.path + suffix);
  }
}
