/** Publishers: who has one of the keys may post notifications and ask for tokens. */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { Problem } from "../../wire/problem.ts";

/** Throws a {@linkcode Problem} unless the request is a publisher's. */
export type AuthorizePublisher = (request: Request) => void;

/** Every key is compared, and in constant time, so that the time says nothing of how close a guess was. */
export function byKey(digests: readonly string[]): AuthorizePublisher {
  const known = digests.map((digest) => Buffer.from(digest, "hex"));
  const isKnown = (digest: Uint8Array) => known.filter((one) => timingSafeEqual(one, digest)).length > 0;
  return function authorizePublisher(request) {
    const key = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (key !== undefined && isKnown(createHash("sha256").update(key).digest())) return;
    throw new Problem("not-authorized", "Authorization: Bearer has to carry a publisher key", {
      headers: { "www-authenticate": "Bearer" },
    });
  };
}

/** Stands in the route table before each route that is for publishers only. */
export function requirePublisher(authorize: AuthorizePublisher): MiddlewareHandler {
  return async function requirePublisher(c, next) {
    authorize(c.req.raw);
    await next();
  };
}

/** In development, everybody is a publisher. */
export function byAnyone(): AuthorizePublisher {
  return function authorizePublisher() {};
}
