/** The memory guard: closes all connections before the process has used up its memory. */

type Log = (message: string, properties?: Record<string, unknown>) => void;

export interface MemoryGuardDeps {
  /** The memory that the process may use. Null turns the guard off. */
  readonly maxBytes: number | null;
  /** The memory that the process uses now. */
  usedBytes(): number;
  /** Called when the guard begins to close all connections. */
  onShed(): void;
  /** Called with an error when closing them has not helped. The process has to end before the kernel ends it. */
  failed(error: Error): void;
  readonly log: { readonly debug: Log; readonly info: Log; readonly error: Log };
}

const SHED_AT = 0.9;
const END_AT = 0.97;

/**
 * A browser can send one WebSocket message in fragments that never ends. Deno collects them where this program sees
 * neither the fragments nor whose they are, and a socket that is closed goes on collecting. So the only bound is the
 * memory of the process, and the only remedy is to cut all sockets. Browsers come back and resume.
 */
export class MemoryGuard {
  readonly #deps: MemoryGuardDeps;
  #lastBytes = Infinity;
  #isShort = false;
  #isShedding = false;
  #hasFailed = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(deps: MemoryGuardDeps) {
    this.#deps = deps;
  }

  /** True while the node takes no new connections, because memory is short. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /**
   * Starts to look at the memory. A look takes 10 µs, and a sender on a fast network fills 100 MB in the interval.
   *
   * @param shed closes all connections, also those whose browser ignores a close
   */
  start(shed: () => Promise<void>, { everyMs }: { everyMs: number }): void {
    const { maxBytes, log } = this.#deps;
    if (maxBytes === null) return log.debug("the memory of the process is not watched: no limit is known");
    log.debug("connections are closed before the process uses {maxBytes} bytes", { maxBytes });
    this.#timer = setInterval(() => this.#look(maxBytes, shed), everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** What the process took since the last look may be taken twice until the sockets are cut. */
  #look(maxBytes: number, shed: () => Promise<void>): void {
    const used = this.#deps.usedBytes();
    const expected = used + 2 * Math.max(0, used - this.#lastBytes);
    this.#lastBytes = used;
    const isShort = used >= SHED_AT * maxBytes || expected >= maxBytes;
    if (this.#isShedding) return;
    if (this.#isShort && !isShort) {
      this.#deps.log.info("memory is sufficient again: {used} of {maxBytes} bytes", { used, maxBytes });
    } else if (this.#isShort && used >= END_AT * maxBytes) {
      this.#fail(`closing all connections did not free enough memory: ${used} of ${maxBytes} bytes are used`);
    } else if (!this.#isShort && isShort) {
      const memory = { used, maxBytes };
      this.#deps.log.error("memory is short: {used} of {maxBytes} bytes; all connections are closed", memory);
      void this.#shed(shed);
    }
    this.#isShort = isShort;
  }

  async #shed(shed: () => Promise<void>): Promise<void> {
    this.#isShedding = true;
    this.#deps.onShed();
    try {
      await shed();
    } catch (cause) {
      this.#fail("the connections could not be closed although memory is short", { cause });
    }
    this.#isShedding = false;
  }

  #fail(reason: string, options?: ErrorOptions): void {
    if (!this.#hasFailed) this.#deps.failed(new Error(reason, options));
    this.#hasFailed = true;
  }
}
