/** The URL of NATS, parsed: the servers, how to log in, and the stream. */

export interface NatsUrl {
  /** `HOST:PORT` of the servers to try first. The client discovers the others of the cluster through them. */
  readonly servers: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  /** The path of a credentials file. */
  readonly credentials: string | null;
  /**
   * Null if the server decides whether to use TLS. Otherwise TLS is required, with the paths of PEM files: without
   * `ca`, the system's trust store decides; without `cert` and `key`, the client presents no certificate.
   */
  readonly tls: NatsTls | null;
  /** The name of the stream, which is also the first token of all subjects. */
  readonly stream: string;
  readonly replicas: number;
}

interface NatsTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

const OPTIONS = ["stream", "replicas", "credentials", "ca", "cert", "key"];

/**
 * Parses `nats://user:password@a:4222,nats://b:4222/?stream=tidings&replicas=3&credentials=PATH`. The scheme `tls://`,
 * or any of `ca`, `cert` and `key`, requires TLS. Returns undefined if the text is not such a URL. `defaultStream` is
 * the stream of a URL that names none.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const url = parseNatsUrl("nats://hamilton:secret@a,nats://b:4223/?replicas=3");
 * assertEquals(url?.servers, ["a:4222", "b:4223"]);
 * assertEquals([url?.user, url?.stream, url?.replicas], ["hamilton", "tidings", 3]);
 * ```
 */
export function parseNatsUrl(
  text: string,
  { defaultStream = "tidings" }: { defaultStream?: string } = {},
): NatsUrl | undefined {
  const [addresses = "", query = ""] = text.split(/\/?\?/, 2);
  const urls = parseServerUrls(addresses.replace(/\/$/, ""));
  const options = parseOptions(query);
  const [first] = urls ?? [];
  if (urls === undefined || first === undefined || options === undefined) return undefined;
  const { credentials = null, ca = null, cert = null, key = null } = options;
  const { stream = defaultStream, replicas = "1" } = options;
  if (!/^[\w-]{1,64}$/.test(stream) || !/^[1-5]$/.test(replicas)) return undefined;
  if ((cert === null) !== (key === null)) return undefined;
  const login = urls.find(({ username }) => username !== "") ?? first;
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`),
    user: decode(login.username),
    password: decode(login.password),
    credentials,
    tls: first.protocol === "tls:" || ca || cert ? { ca, cert, key } : null,
    stream,
    replicas: Number(replicas),
  };
}

/** All servers must have the same scheme. Those after the first may leave it out. */
function parseServerUrls(addresses: string): URL[] | undefined {
  const urls: URL[] = [];
  for (const address of addresses.split(",")) {
    const [first] = urls;
    const url = parseServerUrl(first && !address.includes("://") ? `${first.protocol}//${address}` : address);
    if (url === undefined || url.protocol !== (first ?? url).protocol) return undefined;
    urls.push(url);
  }
  return urls;
}

function parseServerUrl(address: string): URL | undefined {
  const url = URL.parse(address);
  const isServer = url !== null && ["nats:", "tls:"].includes(url.protocol) && url.hostname !== "" &&
    isEncoded(url.username + url.password);
  return isServer && ["", "/"].includes(url.pathname) && url.hash === "" ? url : undefined;
}

/** Undefined if an option is unknown or given twice. */
function parseOptions(query: string): Record<string, string> | undefined {
  const given = new URLSearchParams(query);
  const names = [...given.keys()];
  if (names.some((name) => !OPTIONS.includes(name)) || new Set(names).size < names.length) return undefined;
  return Object.fromEntries(given);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function decode(part: string): string | null {
  return part === "" ? null : decodeURIComponent(part);
}
