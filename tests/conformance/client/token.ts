/** Tokens of clients: JWTs (RFC 7519) with an HMAC, also those that a server must refuse. */

const HASHES = { HS256: "SHA-256", HS384: "SHA-384", HS512: "SHA-512" } as const;

export interface TokenOptions {
  readonly secret: string;
  /** `none` makes a token without a signature. */
  readonly alg?: keyof typeof HASHES | "none";
  readonly header?: Readonly<Record<string, unknown>>;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Signs the claims. */
export async function signToken(
  claims: Claims,
  { secret, alg = "HS256", header = {} }: TokenOptions,
): Promise<string> {
  const text = `${base64url(JSON.stringify({ alg, typ: "JWT", ...header }))}.${
    base64url(JSON.stringify(claims))
  }`;
  if (alg === "none") return `${text}.`;
  return `${text}.${base64url(await hmac(text, { key: encode(secret), hash: HASHES[alg] }))}`;
}

/** Returns the HMAC of a text. */
export async function hmac(
  text: string,
  { key, hash }: { key: Uint8Array<ArrayBuffer>; hash: string },
): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encode(text)));
}

export function base64url(data: string | Uint8Array): string {
  const bytes = typeof data === "string" ? encode(data) : data;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
