/** The texts of a push: what the publisher asked for, else what its data says, else the site. */

import { createHash } from "node:crypto";
import type { PushContent } from "./push_message.ts";

/** What a device shows, and where a click leads. */
export interface PushTexts {
  /** Never empty, because browsers show nothing then. */
  readonly title: string;
  /** Empty: none. */
  readonly body: string;
  /** An absolute URL over HTTP, or a relative one if the origin of the site is not known. */
  readonly navigate: string;
  /** Where a click leads if there is no room for `navigate`. */
  readonly site: string;
}

/** What relative URLs are tried with if the origin is not known; the browser resolves them then. */
const UNKNOWN_SITE = "https://site.invalid";

const MAX_HOST = 253 + ":65535".length; // DNS has no longer names

/** @throws {SyntaxError} if the data is not JSON */
export function textsOf(
  { request, data }: Pick<PushContent, "request" | "data">,
  origin: string | null,
): PushTexts {
  const site = siteOf(origin);
  const isComplete = request.title !== null && request.body !== null && request.navigate !== null;
  const ofData: unknown = isComplete ? null : JSON.parse(data);
  const root = site === null ? "/" : `${site.origin}/`;
  const navigate = request.navigate ?? stringIn(ofData, "navigate");
  return {
    title: (request.title ?? stringIn(ofData, "title")) || site?.host || "Notification",
    body: request.body ?? stringIn(ofData, "body"),
    navigate: (navigate && resolve(navigate, site)) || root,
    site: root,
  };
}

/**
 * The topic if it is a Topic of RFC 8030, section 5.4, else 32 characters of a hash. Ids contain no control characters,
 * so the hash of a topic is never that of an id.
 */
export function topicOf({ id, topic }: Pick<PushContent, "id" | "topic">): string {
  if (topic !== null && /^[\w-]{1,32}$/.test(topic)) return topic;
  const text = topic === null ? id : `\0${topic}`;
  return createHash("sha256").update(text).digest("base64url").slice(0, 32);
}

/** Null: the origin is not known, or is none of a site, such as the `null` of sandboxed pages. */
function siteOf(origin: string | null): URL | null {
  const site = origin === null ? null : URL.parse(origin);
  return site !== null && isHttp(site) && site.host.length <= MAX_HOST ? site : null;
}

/** Null: it is no URL that a browser would open. */
function resolve(navigate: string, site: URL | null): string | null {
  const url = URL.parse(navigate, site?.origin ?? UNKNOWN_SITE);
  if (url === null || !isHttp(url)) return null;
  return site === null && url.origin === UNKNOWN_SITE ? navigate : url.href;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** Empty: the value has no such string. */
function stringIn(value: unknown, name: "title" | "body" | "navigate"): string {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return "";
  const text: unknown = Reflect.get(value, name);
  return typeof text === "string" ? text : "";
}
