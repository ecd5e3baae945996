/** Reads the attributes of a CloudEvent from the headers of a request: binary mode of the HTTP binding, section 3.1. */

import { isJsonType } from "../wire/cloud_event.ts";
import { Problem } from "../wire/problem.ts";

/** The attributes that have an effect. `datacontenttype` is the Content-Type, and not one of these headers. */
const ATTRIBUTES = [
  ...["specversion", "id", "source", "type", "subject"],
  ...["ttl", "topic", "urgency", "at", "everyone", "push", "traceparent", "tracestate"],
];

/** @throws {Problem} `unsupported-type` if the data is not JSON; `bad-request` if a header is not percent-encoded UTF-8 */
export function readAttributes(headers: Headers): Readonly<Record<string, string>> {
  requireJson(headers.get("content-type"));
  const attributes: Record<string, string> = {};
  for (const name of ATTRIBUTES) {
    const value = headers.get(`ce-${name}`);
    if (value !== null) attributes[name] = decode(value, name);
  }
  return attributes;
}

function requireJson(mediaType: string | null): void {
  if (mediaType === null || isJsonType(mediaType)) return;
  throw new Problem(
    "unsupported-type",
    "the data of an event must be JSON: send it with Content-Type: application/json",
  );
}

/** Section 3.1.3.2: a value may be quoted, as in earlier versions, and is then percent-decoded once. */
function decode(value: string, name: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  try {
    if (/[^ -~]/.test(value)) throw new URIError("not ASCII");
    return decodeURIComponent(quoted?.replaceAll(/\\(.)/g, "$1") ?? value);
  } catch (cause) {
    throw new Problem("bad-request", `ce-${name}: must be percent-encoded UTF-8, such as %25 for %`, {
      cause,
    });
  }
}
