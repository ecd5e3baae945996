/** WrongCredential: a key or a token that was never valid here. Who sends many of them may be guessing. */

import { Problem } from "../../wire/problem.ts";

/** Not thrown for an expired token, which was valid once, nor if there is no key or token. */
export class WrongCredential extends Problem {
  constructor(detail: string, { challenge, cause }: { challenge: string; cause?: unknown }) {
    super("not-authorized", detail, { headers: { "www-authenticate": challenge }, cause });
  }
}
