/** The exit codes of the command line, and the error that ends a command with one of them. */

export const EXIT = {
  ok: 0,
  /** The service refused the request, or `check` found something that would fail. */
  failed: 1,
  /** An argument, a variable or the JSON is invalid. */
  usage: 2,
  /** The service cannot be reached, or is busy. The same command may succeed later. */
  unreachable: 3,
  /** The key is missing or is not accepted. */
  unauthorized: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command. The message is printed to standard error, so it never contains a key or a token. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;

  constructor(
    message: string,
    { exitCode = EXIT.failed, cause }: { exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}
