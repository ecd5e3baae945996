/** Refusals of the scripted service, and of something on the way to it. */

export function problemResponse(status: number, retryAfter: string | null): Response {
  const problem = { type: "urn:tidings:problem:some-kind", title: "A title", status, detail: "a detail" };
  return refusal(status, { body: JSON.stringify(problem), retryAfter });
}

/** Of a proxy, or of a captive portal. */
export function foreignResponse(status: number, retryAfter: string | null): Response {
  return refusal(status, { body: "<html>", retryAfter });
}

function refusal(
  status: number,
  { body, retryAfter }: { body: string; retryAfter: string | null },
): Response {
  const headers = retryAfter === null ? {} : { "retry-after": retryAfter };
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}
