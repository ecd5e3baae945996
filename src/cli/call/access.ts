/** The URL of the service and the key of the publisher, from the environment. */

import { EXIT, Failure } from "./failure.ts";
import { secretText } from "./secret_text.ts";

/** The variables of the process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Where the service is, and what identifies this publisher. */
export interface Access {
  /** Without a slash at the end. */
  readonly url: string;
  /** Null if none is configured, which suffices in development mode. */
  readonly key: string | null;
}

const ANY_ADDRESS = ["", "0.0.0.0", "::"];

/**
 * Reads `TIDINGS_URL`, or else the address that `HOST` and `PORT` give to the service. The key is that of `TIDINGS_KEY`,
 * or the first in `TIDINGS_PUBLISHER_KEYS` that is not a hash. Both may come from files.
 *
 * @throws {Failure} if the URL is invalid, or the file cannot be read
 */
export function accessFrom(variables: Variables): Access {
  return { url: serviceUrl(variables), key: publisherKey(variables) };
}

function serviceUrl({ TIDINGS_URL = "", HOST = "", PORT = "" }: Variables): string {
  const text = TIDINGS_URL.trim() || addressOf(HOST.trim(), PORT.trim() || "8000");
  const url = URL.parse(text);
  const isValid = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (isValid) return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  // The value is not repeated, because it may contain a password.
  throw new Failure("TIDINGS_URL: expected an http or https URL without a user name and password", {
    exitCode: EXIT.usage,
  });
}

/** A service that listens on every address can be reached at the loopback address. */
function addressOf(host: string, port: string): string {
  const name = ANY_ADDRESS.includes(host) ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function publisherKey(variables: Variables): string | null {
  const own = secretText("TIDINGS_KEY", variables);
  if (own !== undefined) return headerSafe(own.text, own.variable);
  const keys = secretText("TIDINGS_PUBLISHER_KEYS", variables);
  const plain = keys?.text.split(",").map((key) => key.trim())
    .find((key) => key !== "" && !key.startsWith("sha256:"));
  return keys === undefined || plain === undefined ? null : headerSafe(plain, keys.variable);
}

/** The error of a header that cannot be sent would repeat the key. */
function headerSafe(key: string, variable: string): string {
  if (/^[\x21-\x7e]+$/.test(key) && !key.startsWith("sha256:")) return key;
  throw new Failure(`${variable}: expected a key of visible ASCII characters, not its hash`, {
    exitCode: EXIT.usage,
  });
}
