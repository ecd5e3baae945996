/** What the commands print: results to standard output, everything else to standard error. */

const encoder = new TextEncoder();

/**
 * Prints a line to standard output.
 *
 * @throws {Deno.errors.BrokenPipe} if nothing reads it any more, as after `| head -1`
 */
export function print(line: string): void {
  write(Deno.stdout, `${visible(line)}\n`);
}

/** Prints a line to standard error, so that it does not mix with the result. */
export function note(line: string): void {
  write(Deno.stderr, `${visible(line)}\n`);
}

/** Shows how far something has come. Nothing is shown if standard error is no terminal. */
export class Progress implements Disposable {
  readonly #isShown = Deno.stderr.isTerminal();

  show(text: string): void {
    if (this.#isShown) write(Deno.stderr, `\r\x1b[K${text}`); // to the start of the line, which is erased
  }

  [Symbol.dispose](): void {
    if (this.#isShown) write(Deno.stderr, "\r\x1b[K");
  }
}

/** A terminal obeys control characters, which somebody else may have sent. In JSON, their escapes mean the same. */
function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    if (character === "\n" || character === "\t") return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function write(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  for (let left = encoder.encode(text); left.length > 0;) left = left.subarray(stream.writeSync(left));
}
