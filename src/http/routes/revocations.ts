/** `POST /v1/revocations`: revokes one token, or the tokens of a target. */

import type { Revocation, Revocations } from "../../revocation/revocations.ts";
import { doesNotFit } from "../../wire/problem.ts";
import { parseAs, parseJson } from "../../wire/protocol.ts";
import { RevocationRequest } from "../../wire/revocation.ts";
import { toRfc3339 } from "../../wire/rfc3339.ts";
import { parseScheduledTime } from "../../wire/scheduled_time.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import type { BodyReader } from "../body_reader.ts";
import { orUnavailable } from "./or_unavailable.ts";

export interface RevocationsDeps {
  readonly revocations: Pick<Revocations, "add">;
  readonly bodies: Pick<BodyReader, "read">;
  /** How long a token counts after it was issued. */
  readonly maxTokenSeconds: number;
}

const BODY_LIMITS = { maxBytes: 4_096, caller: "publisher" } as const;
/** Tokens are accepted some seconds longer than they live, and the clocks of nodes differ. */
const KEPT_LONGER_MS = 60_000;
/** A token counts as issued in the future beyond it, so nothing could be issued to replace those that are revoked. */
const MAX_AHEAD_MS = 5_000;

export function revoke({ revocations, bodies, maxTokenSeconds }: RevocationsDeps): PublisherHandler {
  return async function revoke(c, { name }) {
    const text = await bodies.read(c.req.raw, { ...BODY_LIMITS, owner: name });
    const request = parseAs(RevocationRequest, parseJson(text));
    const revocation = toRevocation(request, { now: Date.now(), maxTokenSeconds });
    const kept = await orUnavailable(
      revocations.add(revocation),
      "the revocation may not be kept: repeat the request",
    );
    return c.json(toJson(kept));
  };
}

/**
 * Times of tokens are whole seconds, so a token that was issued in this second may have been issued before now, and is
 * revoked as well.
 */
function toRevocation(
  { jti, target, issued_before, expires_at }: RevocationRequest,
  { now, maxTokenSeconds }: { now: number; maxTokenSeconds: number },
): Revocation {
  const expiresAt = timeOf(expires_at) ?? now + 1000 * maxTokenSeconds;
  const keptUntil = expiresAt + KEPT_LONGER_MS;
  if (jti !== undefined) return { jti, keptUntil };
  const issuedBefore = timeOf(issued_before) ?? 1000 * (Math.floor(now / 1000) + 1);
  if (issuedBefore > now + MAX_AHEAD_MS) throw doesNotFit("issued_before", "must not be in the future");
  return { target: target ?? "", issuedBefore, keptUntil };
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseScheduledTime(text) ?? undefined;
}

function toJson(revocation: Revocation): Record<string, string> {
  const kept_until = toRfc3339(revocation.keptUntil);
  if ("jti" in revocation) return { jti: revocation.jti, kept_until };
  const { target, issuedBefore } = revocation;
  return { target, issued_before: toRfc3339(issuedBefore), kept_until };
}
