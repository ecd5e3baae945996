/** The nodes behind a proxy, configured as in production: development mode refuses what a proxy forwards. */

import type { Limits } from "../../src/config/limits.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { bearer, secondsFromNow, signedToken, TOKEN_SECRET } from "../http/auth/signed_token.ts";

export const PUBLISHER_KEY = "a-key-of-the-backend";

/** The header of a publisher's request. */
export const PUBLISHER = bearer(PUBLISHER_KEY);

export function startNode(
  environment: Record<string, string> = {},
  limits: Partial<Limits> = {},
): Promise<TestService> {
  const secrets = { TIDINGS_PUBLISHER_KEYS: PUBLISHER_KEY, TIDINGS_TOKEN_SECRET: TOKEN_SECRET };
  return TestService.start({ ...secrets, ...environment }, { limits });
}

/** Starts three nodes that share nothing: each has a journal of its own. */
export async function startThreeNodes(
  environment: Record<string, string> = {},
): Promise<readonly [TestService, TestService, TestService] & AsyncDisposable> {
  const start = () => startNode(environment);
  const nodes = [await start(), await start(), await start()] as const;
  const dispose = async () => void await Promise.all(nodes.map((node) => node.stop()));
  return Object.assign(nodes, { [Symbol.asyncDispose]: dispose });
}

/** Signs a token of the target that may also be in a URL. */
export function token(target: string, claims: Record<string, unknown> = {}): Promise<string> {
  return signedToken({ sub: target, exp: secondsFromNow(200), ...claims });
}

/** Returns the query with which a tab of the target connects. */
export async function queryOf(target: string): Promise<{ access_token: string }> {
  return { access_token: await token(target) };
}
