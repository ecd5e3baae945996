/** The token that the page's backend answers at a URL, with the cookies of the browser. */

/**
 * Takes the token as text, or JSON with `token`, which is how the service answers `POST /v1/tokens`. Resolves with null
 * after 204 or 401: the user has signed out. Anything else rejects, and the SDK asks again later.
 */
export async function tokenByUrl(url: string): Promise<string | null> {
  const response = await fetch(url, { credentials: "include", cache: "no-store" });
  const { status, ok } = response;
  if (status === 204 || status === 401) return null;
  if (!ok) throw new Error(`no token: ${url} answers ${status}`);
  const text = await response.text();
  return text.trim().startsWith("{") ? JSON.parse(text).token : text;
}
