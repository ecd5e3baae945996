/** The clock of a node's process, which a test can put forward and back: libfaketime, Debian's package `faketime`. */

export const FAKETIME_LIBRARY: string = Deno.env.get("FAKETIME_LIBRARY") ??
  `/usr/lib/${Deno.build.arch === "aarch64" ? "aarch64" : "x86_64"}-linux-gnu/faketime/libfaketimeMT.so.1`;

export class WrongClock implements AsyncDisposable {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async create(): Promise<WrongClock> {
    const clock = new WrongClock(await Deno.makeTempFile());
    await clock.shift(0);
    return clock;
  }

  /** For the process. As with a clock that somebody sets, timers go on: they use the monotonic clock. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: FAKETIME_LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: "1", // it reads the file every second
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** Puts the clock forward of the true time, or back. The process notices it within a second. */
  async shift(seconds: number): Promise<void> {
    await Deno.writeTextFile(this.#file, `${seconds < 0 ? "" : "+"}${seconds}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#file);
  }
}
