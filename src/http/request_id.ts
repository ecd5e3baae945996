/** The id of a request: `X-Request-Id` of the client or of a proxy, or else one of this process. */

const GIVEN = /^[A-Za-z0-9._~:@+/=-]{1,128}$/;
/** Ids of this process begin with it. With a counter, they take a twentieth of the time of random ids. */
export const REQUEST_ID_PREFIX = `${crypto.randomUUID().slice(0, 13)}-`;

let count = 0;

/** A header that is too long, or has characters that a log or another program could misread, is not taken. */
export function givenRequestId(headers: Headers): string | undefined {
  const given = headers.get("x-request-id");
  return given !== null && GIVEN.test(given) ? given : undefined;
}

/** Returns a number for the id of a request, which is another one each time. */
export function nextRequestNumber(): number {
  return ++count;
}
