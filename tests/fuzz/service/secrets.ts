/** The secrets of a fuzzed service, and the names by which inputs refer to them, so that no case has a secret. */

import { generateVapidKeys } from "../../../src/config/vapid.ts";
import { secondsFromNow, signedToken, TOKEN_SECRET } from "../../http/auth/signed_token.ts";

export const ALL_KEY = "fuzz-key-that-may-do-everything-5f1c";
export const READ_KEY = "fuzz-key-that-may-only-read-77ab";
export const VAPID_PRIVATE_KEY: string = generateVapidKeys().privateKey;

/** The target whose token inputs have. */
export const TARGET = "fuzz-tab";

/** A push service that does not exist, on this machine. */
export const PUSH_ORIGIN = "https://push.localhost:9";

/** What a request may present, by the name in its input. */
export const CREDENTIALS = [
  "all",
  "read",
  "token",
  "expired",
  "revoked",
  "foreign",
  "wrong",
  "none",
] as const;

/** The `jti` of the token that is revoked. */
export const REVOKED = "the-revoked-token";

export type Credential = typeof CREDENTIALS[number];

/** What each credential is; null: none. */
export type Credentials = Readonly<Record<Credential, string | null>>;

export async function createCredentials(): Promise<Credentials> {
  const exp = secondsFromNow(100_000);
  return {
    all: ALL_KEY,
    read: READ_KEY,
    token: await signedToken({ sub: TARGET, exp }),
    expired: await signedToken({ sub: TARGET, exp: secondsFromNow(-1_000) }),
    revoked: await signedToken({ sub: TARGET, exp, jti: REVOKED }),
    foreign: await signedToken({ sub: TARGET, exp }, { secret: "another secret of enough characters" }),
    wrong: "fuzz-key-of-nobody",
    none: null,
  };
}

/** What must be in no answer and in no line of the log. */
export function secretsOf({ token }: Credentials): readonly string[] {
  const signature = token?.split(".").at(-1) ?? "";
  return [ALL_KEY, READ_KEY, TOKEN_SECRET, VAPID_PRIVATE_KEY, signature];
}
