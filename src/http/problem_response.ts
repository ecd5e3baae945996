/** Responds with problem documents (RFC 9457). */

import type { Problem } from "../wire/problem.ts";

export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problem), { status: problem.status, headers: problemHeaders(problem) });
}

export function problemHeaders({ headers }: Problem): Record<string, string> {
  return { "content-type": "application/problem+json", ...headers };
}
