/** Reads the JSON of a command: its argument, or standard input. */

import { messageOf } from "../wire/error_message.ts";
import { EXIT, Failure } from "./call/failure.ts";

const EXAMPLE = `'{"title":"Hello"}'`;

/**
 * Returns the text unchanged, so that the service receives numbers with all of their digits.
 *
 * @param argument omitted or `-`: standard input
 * @throws {Failure} if it is not JSON
 */
export async function jsonText(argument = "-"): Promise<string> {
  const text = argument === "-" ? await readStandardInput() : argument;
  try {
    JSON.parse(text);
    return text.trim();
  } catch (cause) {
    const reason = messageOf(cause);
    const advice = argument === "-" ? "" : `\nQuote it for the shell, as in ${EXAMPLE} or '"a text"'.`;
    throw new Failure(`the notification is not JSON: ${reason}${advice}`, { exitCode: EXIT.usage, cause });
  }
}

async function readStandardInput(): Promise<string> {
  if (!Deno.stdin.isTerminal()) return await new Response(Deno.stdin.readable).text();
  throw new Failure(`give the notification as JSON, such as ${EXAMPLE}, or on standard input`, {
    exitCode: EXIT.usage,
  });
}
