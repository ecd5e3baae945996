/** Calls of PublisherService that no library makes: a POST with any body and any headers. */

import { PUBLISHER_KEY } from "../test_app.ts";
import type { NotifyClient } from "./notify_client.ts";

export const BINARY = { "content-type": "application/proto" };
export const JSON_TYPE = { "content-type": "application/json" };

export function urlOf(method: string): string {
  return `http://localhost/tidings.v1.PublisherService/${method}`;
}

export function post(
  app: NotifyClient,
  method: string,
  { body, headers }: { body: BodyInit | null; headers: Record<string, string> },
): Promise<Response> {
  const authorization = `Bearer ${PUBLISHER_KEY}`;
  const init = { method: "POST", body, headers: { authorization, ...headers } };
  return app.request(new Request(urlOf(method), init));
}
