/** Checks the VAPID header of a push as a push service does (RFC 8292, section 4.2), with jose. */

import { Buffer } from "node:buffer";
import { importJWK, type JWTPayload, jwtVerify } from "jose";

const CREDENTIALS = /^vapid t=([\w-]+\.[\w-]+\.[\w-]+), k=([\w-]{87})$/;
const MAX_SECONDS = 24 * 60 * 60; // RFC 8292, section 2

/** What a valid header says. */
export interface VapidClaims {
  readonly jwt: string;
  /** The public key of the sender, in base64url. */
  readonly key: string;
  readonly payload: JWTPayload;
}

/** Rejects if the header is not valid for the origin of the push service, now. */
export async function checkVapid(authorization: string | null, origin: string): Promise<VapidClaims> {
  const [, jwt, key] = CREDENTIALS.exec(authorization ?? "") ?? [];
  if (jwt === undefined || key === undefined) throw new Error("no credentials of VAPID");
  const bytes = Buffer.from(key, "base64url");
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((part) => part.toString("base64url"));
  if (x === undefined || y === undefined) throw new Error("no key");
  const publicKey = await importJWK({ kty: "EC", crv: "P-256", x, y }, "ES256");
  const { payload } = await jwtVerify(jwt, publicKey, {
    audience: origin,
    algorithms: ["ES256"],
    typ: "JWT",
    requiredClaims: ["exp", "sub"],
  });
  if ((payload.exp ?? Infinity) > Date.now() / 1000 + MAX_SECONDS) throw new Error("exp is too far ahead");
  if (!/^(mailto|https):/.test(payload.sub ?? "")) throw new Error("sub is no contact");
  return { jwt, key, payload };
}
