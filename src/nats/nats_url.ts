/** A place: where NATS is, how one gets in there, and the name of what is used of it. */

export interface NatsUrl {
  /** `HOST:PORT` of each server that is known from the start; the others are found through them. */
  readonly servers: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  /** The path of a credentials file. */
  readonly credentials: string | null;
  /** Null: as the server says. The paths of files in PEM; null: what the system trusts, no certificate of one's own. */
  readonly tls:
    | { readonly ca: string | null; readonly cert: string | null; readonly key: string | null }
    | null;
  /** The stream, and the first token of all subjects. */
  readonly stream: string;
  readonly replicas: number;
}

const OPTIONS = ["stream", "replicas", "credentials", "ca", "cert", "key"];

/**
 * Reads `nats://user:password@a:4222,nats://b:4222/?stream=tidings&replicas=3&credentials=PATH`. With `tls://`, or
 * one of `ca`, `cert` and `key`, whoever answers without TLS is refused. Undefined: the text has another form.
 * `standardStream` is the stream if the text names none.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const place = parseNatsUrl("nats://hamilton:secret@a,nats://b:4223/?replicas=3");
 * assertEquals(place?.servers, ["a:4222", "b:4223"]);
 * assertEquals([place?.user, place?.stream, place?.replicas], ["hamilton", "tidings", 3]);
 * ```
 */
export function parseNatsUrl(
  text: string,
  { standardStream = "tidings" }: { standardStream?: string } = {},
): NatsUrl | undefined {
  const [addresses = "", query = ""] = text.split(/\/?\?/, 2);
  const urls = addresses.replace(/\/$/, "").split(",").map((address) => serverIn(address));
  const given = new URLSearchParams(query);
  const named = [...given.keys()];
  if (named.some((name) => !OPTIONS.includes(name)) || new Set(named).size < named.length) return undefined;
  const stream = given.get("stream") ?? standardStream, replicas = given.get("replicas") ?? "1";
  if (!/^[\w-]{1,64}$/.test(stream) || !/^[1-5]$/.test(replicas)) return undefined;
  const [ca, cert, key] = ["ca", "cert", "key"].map((name) => given.get(name));
  const [first] = urls;
  if (first === undefined || (cert === null) !== (key === null)) return undefined;
  const servers: string[] = [];
  for (const url of urls) {
    if (url === undefined || url.protocol !== first.protocol) return undefined;
    servers.push(`${url.hostname}:${url.port || 4222}`);
  }
  const login = urls.find((url) => url?.username) ?? first;
  return {
    servers,
    user: decoded(login.username),
    password: decoded(login.password),
    credentials: given.get("credentials"),
    tls: first.protocol === "tls:" || ca || cert
      ? { ca: ca ?? null, cert: cert ?? null, key: key ?? null }
      : null,
    stream,
    replicas: Number(replicas),
  };
}

function serverIn(address: string): URL | undefined {
  const url = URL.parse(address);
  const isServer = url !== null && ["nats:", "tls:"].includes(url.protocol) && url.hostname !== "" &&
    isEncoded(url.username + url.password);
  return isServer && ["", "/"].includes(url.pathname) && url.hash === "" ? url : undefined;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function decoded(part: string): string | null {
  return part === "" ? null : decodeURIComponent(part);
}
