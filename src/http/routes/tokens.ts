/** `POST /v1/tokens`: issues a token with which the browser of a user can connect. */

import { SignJWT } from "jose";
import type { TokenConfig } from "../../config/config.ts";
import { Problem } from "../../wire/problem.ts";
import { parseAs, parseJson, TokenRequest } from "../../wire/protocol.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import type { BodyReader } from "../body_reader.ts";

const BODY_LIMITS = { maxBytes: 4_096, caller: "publisher" } as const;

export function tokens(
  { secret, issuer, audience }: TokenConfig,
  bodies: Pick<BodyReader, "read">,
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
    const issuedAt = Math.floor(Date.now() / 1000);
    const token = new SignJWT().setProtectedHeader({ alg: "HS256" }).setSubject(target)
      .setIssuedAt(issuedAt).setExpirationTime(issuedAt + seconds);
    if (issuer !== null) token.setIssuer(issuer);
    if (audience !== null) token.setAudience(audience);
    return c.json({
      token: await token.sign(new TextEncoder().encode(secret)),
      expires_at: new Date((issuedAt + seconds) * 1000).toISOString(),
    });
  };
}
