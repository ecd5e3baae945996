/** The token that the page gets from its backend. */

import { TOKEN_MS } from "./limits.ts";
import type { ConnectOptions } from "./tidings.ts";
import { within } from "./within.ts";

const TOKEN = /^[\w.~+/=-]+$/; // RFC 6750, section 2.1: a page of HTML is none

/**
 * Resolves with null if the user has signed out. Rejects with what the function throws, if it does not settle in time,
 * and, after a call of `onError`, if it returns what cannot be a token.
 */
export async function askForToken(
  token: NonNullable<ConnectOptions["token"]>,
  { onError, signal }: { onError: (message: string) => void; signal: AbortSignal },
): Promise<string | null> {
  const answer: unknown = await within(() => token(), {
    reason: "token() takes too long",
    ms: TOKEN_MS,
    signal,
  });
  if (answer === null) return null;
  const text = String(answer ?? "").trim();
  if (TOKEN.test(text)) return text;
  const fault = "token() returned no token: check response.ok";
  onError(fault);
  throw new Error(fault);
}
