/** Checks whether the web servers that the service calls can be reached, and reads their clocks. */

import type { Config } from "../../config/config.ts";
import { type ClockReading, DATE_PRECISION_MS } from "./clock.ts";
import { type CheckFinding, reasonOf } from "./check_finding.ts";

const TIMEOUT_MS = 5_000;

export interface ServerState {
  readonly findings: readonly CheckFinding[];
  readonly readings: readonly ClockReading[];
}

/**
 * Fetches the key set, as the service does. The webhooks are only asked for their headers, because a request would be a
 * message of a browser, or an event.
 */
export async function checkWebServers(
  { tokens, messageWebhook, presenceWebhook }: Config,
): Promise<readonly ServerState[]> {
  const states = [];
  if (tokens.jwksUrl !== null) states.push(checkKeySet(tokens.jwksUrl));
  if (messageWebhook !== null) states.push(checkWebhook(messageWebhook.url, "webhook"));
  if (presenceWebhook !== null) states.push(checkWebhook(presenceWebhook.url, "presence webhook"));
  return await Promise.all(states);
}

async function checkKeySet(url: string): Promise<ServerState> {
  const { response, body, readings, failure } = await ask(url, "GET");
  const found = (status: CheckFinding["status"], message: string): CheckFinding => ({
    status,
    check: "key set",
    message,
  });
  if (response === null) {
    return { findings: [found("fail", `${url} cannot be reached: ${failure}`)], readings };
  }
  const keys = response.ok ? keysIn(body) : null;
  const finding = keys === null
    ? found("fail", `${url} answers ${response.status}, and has no key set`)
    : found(keys === 0 ? "fail" : "ok", `${url} has ${keys} keys`);
  return { findings: [finding], readings };
}

/** It may answer `HEAD` with an error, which does not tell how it answers messages or events. */
async function checkWebhook(url: string, check: string): Promise<ServerState> {
  const { response, readings, failure } = await ask(url, "HEAD");
  const finding: CheckFinding = response === null
    ? { status: "fail", check, message: `${url} cannot be reached: ${failure}` }
    : { status: "ok", check, message: `${url} can be reached` };
  return { findings: [finding], readings };
}

interface Asked {
  readonly response: Response | null;
  readonly body: string;
  readonly readings: readonly ClockReading[];
  readonly failure: string;
}

async function ask(url: string, method: "GET" | "HEAD"): Promise<Asked> {
  const asked = Date.now();
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "manual",
    });
    const answered = Date.now();
    const time = Date.parse(response.headers.get("date") ?? "");
    const reading = { server: new URL(url).host, asked, answered, time, precisionMs: DATE_PRECISION_MS };
    const body = await response.text();
    return { response, body, readings: Number.isNaN(time) ? [] : [reading], failure: "" };
  } catch (error) {
    return {
      response: null,
      body: "",
      readings: [],
      failure: reasonOf(error instanceof Error ? error.cause ?? error : error),
    };
  }
}

/** Null if it is no key set (RFC 7517, section 5). */
function keysIn(json: string): number | null {
  try {
    const { keys } = Object(JSON.parse(json));
    return Array.isArray(keys) ? keys.length : null;
  } catch {
    return null;
  }
}
