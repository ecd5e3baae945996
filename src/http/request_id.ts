/** The id of a request: `X-Request-Id` of the client or of a proxy, or else one of this process. */

const GIVEN = /^[A-Za-z0-9._~:@+/=-]{1,128}$/;
/** Different in each process. With a counter, it takes a twentieth of the time of a random id for each request. */
const PREFIX = crypto.randomUUID().slice(0, 13);

let count = 0;

/** A header that is too long, or has characters that a log or another program could misread, is not taken. */
export function givenRequestId(headers: Headers): string | undefined {
  const given = headers.get("x-request-id");
  return given !== null && GIVEN.test(given) ? given : undefined;
}

export function newRequestId(): string {
  return `${PREFIX}-${++count}`;
}
