/** Answers requests that no route matches. */

import { Hono, type NotFoundHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { Problem } from "../../wire/problem.ts";
import { problemResponse } from "../problem_response.ts";

/**
 * Answers with 405 if the path has routes for other methods, and else with 404.
 *
 * @param app the app that has the routes
 * @param refused is called with the status
 */
export function unmatched(app: Hono, refused: (status: number) => void): NotFoundHandler {
  const rest = new Hono(); // as middleware of `app`, this would cost every request 1 µs
  rest.use(methodNotAllowed({
    app,
    onMethodNotAllowed(c, methods) {
      const allow = methods.toSorted().join(", ");
      const detail = `${c.req.path} allows only ${allow}`;
      return problemResponse(new Problem("method-not-allowed", detail, { headers: { allow } }));
    },
  }));
  rest.notFound(({ req }) =>
    problemResponse(new Problem("not-found", `${req.path} is not a resource of this service`))
  );
  return async function answerUnmatched(c) {
    const response = await rest.fetch(c.req.raw);
    refused(response.status);
    return response;
  };
}
