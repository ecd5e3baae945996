/** `POST /v1/tokens`: issues a token with which the browser of a user can connect. */

import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import type { TokenConfig } from "../../config/config.ts";
import type { Revocations, TokenIdentity } from "../../revocation/revocations.ts";
import { Problem } from "../../wire/problem.ts";
import { parseAs, parseJson, TokenRequest } from "../../wire/protocol.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import type { BodyReader } from "../body_reader.ts";

const BODY_LIMITS = { maxBytes: 4_096, caller: "publisher" } as const;
const MAX_AHEAD_SECONDS = 5;

export interface TokensDeps {
  readonly bodies: Pick<BodyReader, "read">;
  readonly revocations: Pick<Revocations, "isRevoked">;
}

export function tokens(
  { secret, issuer, audience }: TokenConfig,
  { bodies, revocations }: TokensDeps,
): PublisherHandler {
  return async function tokens(c, { name }) {
    if (secret === null) {
      throw new Problem(
        "not-here",
        "no token secret is configured: your identity provider issues the tokens",
      );
    }
    const text = await bodies.read(c.req.raw, { ...BODY_LIMITS, owner: name });
    const { target, expires_in: seconds } = parseAs(TokenRequest, parseJson(text));
    const jti = randomBytes(16).toString("base64url"); // every connection keeps it, and a UUID takes half as much again
    const issuedAt = firstUnrevoked({ target, jti, issuedAt: Math.floor(Date.now() / 1000) }, revocations);
    const token = new SignJWT().setProtectedHeader({ alg: "HS256" }).setSubject(target).setJti(jti)
      .setIssuedAt(issuedAt).setExpirationTime(issuedAt + seconds);
    if (issuer !== null) token.setIssuer(issuer);
    if (audience !== null) token.setAudience(audience);
    return c.json({
      token: await token.sign(new TextEncoder().encode(secret)),
      jti,
      expires_at: new Date((issuedAt + seconds) * 1000).toISOString(),
    });
  };
}

/**
 * A revocation until now covers the whole second, in which a token may be issued again. That one counts as issued in the
 * next second, which the tolerance of clocks allows.
 */
function firstUnrevoked(
  { issuedAt, ...token }: TokenIdentity & { readonly issuedAt: number },
  revocations: TokensDeps["revocations"],
): number {
  let second = issuedAt;
  while (second < issuedAt + MAX_AHEAD_SECONDS && revocations.isRevoked({ ...token, issuedAt: second })) {
    second++;
  }
  return second;
}
