/** Answers of a fake service, and of the network before it. */

import { Problem } from "../../src/wire/problem.ts";
import type { FakeRequest } from "./fake_service.ts";

export function refusal(problem: Problem): Response {
  const { status, headers } = problem;
  return new Response(JSON.stringify(problem), { status, headers });
}

export function upgradeRequired(): Response {
  return refusal(new Problem("upgrade-required", "now ask for an upgrade"));
}

/** Refuses every request. As in a browser, only a fetch shows the problem. */
export function refuseWith(problem: Problem): (request: FakeRequest) => Response {
  return ({ isUpgrade }) => isUpgrade ? new Response(null, { status: 500 }) : refusal(problem);
}

/** Accepts event streams only, as a network that blocks WebSockets does. */
export function blockWebSockets({ route, accept }: FakeRequest): Response {
  if (route === "connect") return upgradeRequired();
  return route === "events" ? accept() : new Response(null, { status: 204 });
}

/** A `token` option that returns another token each time. */
export function countedTokens(): { token: () => Promise<string>; count: () => number } {
  let count = 0;
  return { token: () => Promise.resolve(`token-${++count}`), count: () => count };
}
