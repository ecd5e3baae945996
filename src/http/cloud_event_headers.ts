/** Reads the attributes of a CloudEvent from the headers of a request: binary mode of the HTTP binding, section 3.1. */

import { isJsonType } from "../wire/cloud_event.ts";
import { Problem } from "../wire/problem.ts";

/** The attributes that have an effect. `datacontenttype` is the Content-Type, and not one of these headers. */
const ATTRIBUTES = [
  ...["specversion", "id", "source", "type", "subject"],
  ...["ttl", "topic", "urgency", "at", "everyone", "push", "traceparent", "tracestate"],
];

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {Problem} `unsupported-type` if the data is not JSON; `bad-request` if a header is not UTF-8 */
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

/**
 * Section 3.1.3.2: a value may be quoted, as in earlier versions, and is then percent-decoded once. Some SDKs, that for
 * Go for one, leave it in UTF-8 instead.
 */
function decode(value: string, name: string): string {
  try {
    const text = utf8Of(value);
    const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
    return decodeURIComponent(quoted?.replaceAll(/\\(.)/g, "$1") ?? text);
  } catch (cause) {
    throw new Problem("bad-request", `ce-${name}: must be percent-encoded UTF-8, such as %25 for %`, {
      cause,
    });
  }
}

/** Headers has each byte of a value as a character. */
function utf8Of(value: string): string {
  if (/[^ -~\x80-\xff]/.test(value)) throw new URIError("a control character");
  const isAscii = /^[ -~]*$/.test(value);
  return isAscii ? value : UTF8.decode(Uint8Array.from(value, (character) => character.charCodeAt(0)));
}
