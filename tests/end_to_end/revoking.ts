/** What tests of revocations share: tokens, tabs over both transports, and what a service says to a token. */

import { assertEquals } from "@std/assert";
import { SignJWT } from "jose";
import { EventReader } from "./event_reader.ts";
import { Tab } from "./tab.ts";
import type { TestService } from "./test_service.ts";

const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";
export const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET };
export const AUTHORIZATION = { authorization: `Bearer ${KEY}` };

/** Signs a token for a target that was issued some seconds ago, and is valid for an hour. */
export function sign(
  target: string,
  { jti, agoSeconds = 10 }: { jti?: string; agoSeconds?: number } = {},
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000) - agoSeconds;
  return new SignJWT({ sub: target, iat, exp: iat + 3_600, ...(jti !== undefined && { jti }) })
    .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

/** Has the service issue a token. */
export async function issue(service: TestService, target: string): Promise<{ token: string; jti: string }> {
  const body = JSON.stringify({ target });
  const response = await fetch(`${service.url}/v1/tokens`, { method: "POST", headers: AUTHORIZATION, body });
  return await response.json();
}

export async function revoke(service: TestService, body: unknown): Promise<Record<string, string>> {
  const response = await fetch(`${service.url}/v1/revocations`, {
    method: "POST",
    headers: AUTHORIZATION,
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  assertEquals(response.status, 200, JSON.stringify(answer));
  return answer;
}

export async function openTab(service: TestService, token: string): Promise<Tab> {
  return (await Tab.open(service.port, {}, ["tidings.v1", `tidings.bearer.${token}`])).tab;
}

/** The close code of a tab, which must end by itself. */
export async function codeOf(tab: Tab): Promise<number> {
  return (await tab.closed).code;
}

export async function openStream(service: TestService, token: string): Promise<EventReader> {
  const reader = await EventReader.open(service.port, {}, { authorization: `Bearer ${token}` });
  await reader.welcome();
  return reader;
}

/** What each route that takes a token answers to this one, without anything else being wrong but the upgrade. */
export async function answersTo(service: TestService, token: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}` };
  const routes = [
    ["GET", "connect"],
    ["GET", "events"],
    ["GET", "inbox"],
    ["POST", "received"],
    ["POST", "push/subscriptions"],
    ["DELETE", "push/subscriptions/x"],
  ] as const;
  return await Promise.all(routes.map(async ([method, route]) => {
    const response = await fetch(`${service.url}/v1/${route}`, { method, headers });
    const isProblem = response.headers.get("content-type") === "application/problem+json";
    const kind = isProblem ? (await response.json()).type.slice("urn:tidings:problem:".length) : "";
    if (!isProblem) await response.body?.cancel();
    return `${response.status} ${kind}`.trim();
  }));
}

/** What `answersTo` returns for a token that was revoked. */
export const ALL_REVOKED: readonly string[] = Array(6).fill("401 revoked");

/** The samples of the metrics that count revocations and what they cause. */
export async function revocationMetrics(service: TestService): Promise<string[]> {
  const text = await (await fetch(`${service.url}/metrics`, { headers: AUTHORIZATION })).text();
  return text.split("\n").filter((line) => /^tidings_(revocations|revoked_total\{.*\}) /.test(line));
}
